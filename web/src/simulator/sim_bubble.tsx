import { useRef } from "preact/hooks";
import { DotsIcon, FileIcon, ListIcon, PinIcon } from "../shared/icons";
import { RichText } from "../shared/rich_text";
import { clock } from "../shared/time";
import type { SimMessage } from "./api";
import { editing, messages, replyTo, send } from "./store";

const KINDS: Record<string, string> = {
  image: "Gambar",
  document: "Dokumen",
  audio: "Pesan suara",
  video: "Video",
  sticker: "Stiker",
  location: "Lokasi",
  contacts: "Kontak",
  order: "Pesanan katalog",
  reaction: "Reaksi",
  edit: "Perubahan pesan",
  revoke: "Penghapusan pesan",
  unsupported: "Jenis tidak didukung",
  unknown: "Jenis belum dikenal",
  template: "Pesan templat",
};

const TICKS = { sent: ["✓", "Terkirim"], delivered: ["✓✓", "Sampai"], read: ["✓✓", "Dibaca"], failed: ["!", "Gagal"] } as const;

function Ticks({ status }: { status: SimMessage["status"] }) {
  if (!status || !(status in TICKS)) return null;
  const [sign, word] = TICKS[status];
  return (
    <span class={`ticks ${status}`} title={word} data-status={status} data-testid="ticks">
      <span aria-hidden="true">{sign}</span>
      <span class="visually-hidden">{word}</span>
    </span>
  );
}

function Attachment({ message }: { message: SimMessage }) {
  const { media, kind } = message;
  const type = media?.kind ?? kind;
  if (type === "location") {
    return (
      <p class="sim-file">
        <PinIcon /> Lokasi
      </p>
    );
  }
  if (!media && !(kind in KINDS)) return null;
  if (media?.url && (type === "image" || type === "sticker")) return <img class="sim-image" src={media.url} alt={media.name ?? KINDS[type] ?? ""} />;
  return (
    <p class="sim-file">
      <FileIcon /> {media?.name ?? media?.filename ?? KINDS[type] ?? type}
    </p>
  );
}

function Menu({ message }: { message: SimMessage }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => menu.current?.removeAttribute("open");
  const item = (label: string, action: () => void) => (
    <button
      type="button"
      onClick={() => {
        close();
        action();
      }}
    >
      {label}
    </button>
  );
  const reply_to = message.wamid;
  return (
    <details class="bubble-menu" ref={menu} onKeyDown={(event) => event.key === "Escape" && close()}>
      <summary aria-label="Tindakan pesan">
        <DotsIcon />
      </summary>
      <div class="plus-menu">
        {item("Balas", () => (replyTo.value = message))}
        {item("Reaksi 👍", () => void send({ kind: "reaction", text: "👍", reply_to }))}
        {item("Hapus reaksi", () => void send({ kind: "reaction", text: "", reply_to }))}
        {message.from === "me" ? item("Ubah", () => (editing.value = message)) : null}
        {message.from === "me" ? item("Hapus untuk semua", () => void send({ kind: "revoke", reply_to })) : null}
      </div>
    </details>
  );
}

/** One message on the pretend phone. */
export function SimBubble({ message }: { message: SimMessage }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { wamid: reply_to, list } = message;
  const quoted = message.reply_to ? messages.value.find((each) => each.wamid === message.reply_to) : undefined;
  const text = message.text || message.media?.caption || "";
  const choose = (kind: "button" | "list", id: string, title: string) => void send({ kind, id, text: title, reply_to });
  return (
    <article class={`sim-msg ${message.from}`} data-testid="message" data-from={message.from}>
      <div class="sim-bubble">
        <span class="visually-hidden">{message.from === "me" ? "Anda:" : "Pegadaian:"}</span>
        {quoted?.text ? <blockquote class="sim-quote">{quoted.text.slice(0, 80)}</blockquote> : null}
        {message.revoked ? (
          <p class="rich dim">Pesan ini dihapus.</p>
        ) : (
          <>
            <Attachment message={message} />
            {text ? <RichText text={text} /> : null}
          </>
        )}
        <p class="sim-meta">
          {message.edited ? "diedit " : ""}
          <time dateTime={message.at}>{clock(message.at)}</time> <Ticks status={message.status} />
        </p>
        {message.reaction ? <span class="sim-reaction">{message.reaction}</span> : null}
      </div>
      <Menu message={message} />
      {message.buttons && message.buttons.length > 0 ? (
        <div class="sim-buttons" role="group" aria-label="Tombol balasan">
          {message.buttons.map((button) => (
            <button type="button" key={button.id} onClick={() => choose("button", button.id, button.title)}>
              {button.title}
            </button>
          ))}
        </div>
      ) : null}
      {list ? (
        <div class="sim-buttons">
          <button type="button" onClick={() => dialog.current?.showModal()}>
            <ListIcon /> {list.button}
          </button>
          <dialog ref={dialog} class="sheet" aria-label={list.button}>
            <h3>{list.button}</h3>
            {list.sections.map((section, at) => (
              <section key={at}>
                {section.title ? <h4>{section.title}</h4> : null}
                {section.rows.map((row) => (
                  <button
                    type="button"
                    key={row.id}
                    class="sheet-row"
                    onClick={() => {
                      dialog.current?.close();
                      choose("list", row.id, row.title);
                    }}
                  >
                    {row.title}
                    {row.description ? <span class="dim">{row.description}</span> : null}
                  </button>
                ))}
              </section>
            ))}
            <button type="button" class="sheet-close" onClick={() => dialog.current?.close()}>
              Batal
            </button>
          </dialog>
        </div>
      ) : null}
    </article>
  );
}
