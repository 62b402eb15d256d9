import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { PlusIcon, SendIcon } from "../shared/icons";
import { dayKey, dayLabel } from "../shared/time";
import { SimBubble } from "./sim_bubble";
import { bsuid, editing, list, messages, replyTo, send, typing } from "./store";

const PRETEND: { kind: string; label: string; text?: string }[] = [
  { kind: "image", label: "Gambar", text: "Foto barang" },
  { kind: "document", label: "Dokumen" },
  { kind: "location", label: "Lokasi" },
  { kind: "audio", label: "Pesan suara" },
  { kind: "video", label: "Video" },
  { kind: "sticker", label: "Stiker" },
  { kind: "contacts", label: "Kontak" },
  { kind: "order", label: "Pesanan katalog" },
  { kind: "unsupported", label: "Jenis tidak didukung" },
  { kind: "unknown", label: "Jenis belum dikenal" },
];

function PlusMenu() {
  const menu = useRef<HTMLDetailsElement>(null);
  return (
    <details class="plus" ref={menu} onKeyDown={(event) => event.key === "Escape" && menu.current?.removeAttribute("open")}>
      <summary aria-label="Lampirkan" title="Lampirkan">
        <PlusIcon />
      </summary>
      <div class="plus-menu" role="group" aria-label="Lampiran tiruan">
        {PRETEND.map(({ kind, label, text }) => (
          <button
            type="button"
            key={kind}
            onClick={() => {
              menu.current?.removeAttribute("open");
              void send({ kind, text });
            }}
          >
            {label}
          </button>
        ))}
      </div>
    </details>
  );
}

function Composer() {
  const text = useSignal("");
  const target = editing.value ?? replyTo.value;
  const submit = () => {
    const body = text.value.trim();
    if (!body) return;
    if (editing.value) void send({ kind: "edit", text: body, reply_to: editing.value.wamid });
    else void send({ kind: "text", text: body, reply_to: replyTo.value?.wamid });
    text.value = "";
    editing.value = null;
    replyTo.value = null;
  };
  return (
    <form
      class="sim-composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {target ? (
        <p class="target">
          {editing.value ? "Mengubah" : "Membalas"}: {(target.text ?? target.kind).slice(0, 60)}
          <button
            type="button"
            onClick={() => {
              editing.value = null;
              replyTo.value = null;
            }}
          >
            Batal
          </button>
        </p>
      ) : null}
      <div class="sim-row">
        <PlusMenu />
        <textarea
          rows={1}
          aria-label="Pesan"
          placeholder="Ketik pesan"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
            event.preventDefault();
            submit();
          }}
        />
        <button type="submit" class="sim-send" aria-label="Kirim">
          <SendIcon />
        </button>
      </div>
    </form>
  );
}

/** The pretend phone: one customer's chat with Pegadaian. */
export function Phone() {
  const box = useRef<HTMLDivElement>(null);
  const all = messages.value;
  const who = list.value.find((phone) => phone.bsuid === bsuid.value);
  const stuck = useRef(true);
  const toEnd = () => {
    if (box.current && stuck.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(() => {
    stuck.current = true;
    toEnd();
  }, [all.length, typing.value]);
  useEffect(() => {
    // Pictures come after their message; "load" does not bubble.
    box.current?.addEventListener("load", toEnd, true);
    return () => box.current?.removeEventListener("load", toEnd, true);
  }, []);
  let day = "";
  return (
    <main class="phone" aria-label="Ponsel tiruan">
      <header class="phone-head">
        <span class="avatar" aria-hidden="true">
          P
        </span>
        <div>
          <h2>Pegadaian</h2>
          <p role="status">{typing.value ? "mengetik…" : who ? `ponsel milik ${who.name}` : ""}</p>
        </div>
      </header>
      <div
        class="sim-thread"
        ref={box}
        role="log"
        aria-label="Pesan"
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          stuck.current = scrollHeight - scrollTop - clientHeight < 60;
        }}
      >
        {all.map((message, at) => {
          const key = dayKey(message.at);
          const divider = key !== day;
          day = key;
          return (
            <Fragment key={message.wamid || at}>
              {divider ? <p class="sim-day">{dayLabel(message.at)}</p> : null}
              <SimBubble message={message} />
            </Fragment>
          );
        })}
        {typing.value ? (
          <p class="sim-typing" aria-hidden="true" data-testid="typing">
            <i />
            <i />
            <i />
          </p>
        ) : null}
      </div>
      <Composer />
    </main>
  );
}
