import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Delivery, Message } from "../shared/message";
import { isReactionOnly, listRows, reactionsByMessage } from "../shared/message";
import { MediaView, PlaceView } from "../shared/media_view";
import { RichText } from "../shared/rich_text";
import { clock, dayKey, dayLabel } from "../shared/time";
import { editAgain } from "./composer";
import { markMisread } from "./actions";
import { customerName } from "./list";
import { landed, pending, retrySend, takeBack, type Pending } from "./sends";
import type { Summary } from "./shapes";
import * as desk from "./store";

const DELIVERY: Record<Delivery, string> = {
  queued: "Menunggu dikirim",
  sending: "Mengirim…",
  uncertain: "Belum pasti terkirim",
  sent: "Terkirim",
  delivered: "Sampai",
  read: "Dibaca",
  failed: "Gagal terkirim",
  dropped: "Tidak dikirim",
};

function who(message: Message, summary: Summary): string {
  const name = message.name ?? "";
  if (message.author === "customer") return name || customerName(summary);
  if (message.author === "bot") return name || "Bot";
  if (message.author === "system") return "Sistem";
  return message.note ? `Catatan ${name || "petugas"}` : name || "Petugas";
}

function Insight({ id }: { id: string }) {
  const insight = desk.card.value?.insights?.[id];
  if (!insight) return null;
  return (
    <span class="insight" title="Topik yang dikenali bot">
      {insight.topic.label} · {Math.round(insight.confidence * 100)}%
      <button
        type="button"
        class="link misread"
        aria-pressed={insight.wrong === true}
        title={insight.wrong ? "Ditandai salah; ketuk untuk membatalkan" : "Beri tahu pelatih bahwa topik ini salah"}
        onClick={() => void markMisread(id, !insight.wrong)}
      >
        {insight.wrong ? "ditandai salah" : "salah?"}
      </button>
    </span>
  );
}

function Offered({ message }: { message: Message }) {
  const titles = [...(message.buttons ?? []), ...(message.list ? listRows(message.list) : [])].map((choice) => choice.title);
  if (titles.length === 0) return null;
  return (
    <ul class="offered" aria-label="Pilihan yang ditawarkan">
      {titles.map((title) => (
        <li key={title}>{title}</li>
      ))}
    </ul>
  );
}

function Quoted({ id }: { id: string }) {
  const target = desk.messages.value.get(id);
  if (!target?.text) return null;
  return <blockquote class="quoted">{target.text.slice(0, 120)}</blockquote>;
}

function Entry({ message, summary, reaction }: { message: Message; summary: Summary; reaction: string | null }) {
  if (message.author === "system") {
    return (
      <div class="system-line" data-author="system">
        <RichText text={message.text ?? ""} /> <time dateTime={message.at}>{clock(message.at)}</time>
        <Offered message={message} />
      </div>
    );
  }
  if (isReactionOnly(message)) {
    return (
      <p class="system-line">
        {who(message, summary)} {message.reaction?.emoji ? `bereaksi ${message.reaction.emoji}` : "menghapus reaksi"} · {clock(message.at)}
      </p>
    );
  }
  const failed = message.delivery === "failed" || message.delivery === "dropped";
  return (
    <article class={`entry ${message.note ? "note" : message.author}`} data-testid={message.note ? "note" : "message"} data-author={message.author}>
      <p class="entry-who">
        <span>{who(message, summary)}</span>
        <time dateTime={message.at}>{clock(message.at)}</time>
        {message.edited ? <span>diedit</span> : null}
        {message.delivery && !message.note ? <span class={failed ? "bad" : ""} data-testid="delivery">{DELIVERY[message.delivery]}</span> : null}
      </p>
      <div class="entry-body">
        {message.reply_to ? <Quoted id={message.reply_to} /> : null}
        {message.revoked ? (
          <p class="rich gone">Pesan ini dihapus oleh pengirimnya.</p>
        ) : (
          <>
            {(message.media ?? []).map((media) => (
              <MediaView key={media.id} media={media} />
            ))}
            {message.location ? <PlaceView place={message.location} /> : null}
            {message.text ? <RichText text={message.text} /> : null}
            <Offered message={message} />
          </>
        )}
        {reaction ? (
          <p class="reactions">
            <span class="visually-hidden">Reaksi: </span>
            {reaction}
          </p>
        ) : null}
      </div>
      {message.error ? <p class="entry-error">{message.error}</p> : null}
      {message.author === "customer" ? <Insight id={message.id} /> : null}
    </article>
  );
}

function PendingEntry({ item }: { item: Pending }) {
  const problem = item.state === "failed" || (item.state === "waiting" && item.error !== null);
  return (
    <article class={`entry ${item.kind === "note" ? "note" : "agent"} pending`} data-testid={item.kind === "note" ? "note" : "message"} data-author="agent">
      <p class="entry-who">
        <span>{item.kind === "note" ? "Catatan Anda" : "Anda"}</span>
        <time dateTime={item.at}>{clock(item.at)}</time>
        <span class={problem ? "bad" : ""} data-testid="delivery">{item.state === "failed" ? "Gagal" : problem ? "Menunggu koneksi" : "Mengirim…"}</span>
      </p>
      <div class="entry-body">
        <RichText text={item.text} />
      </div>
      {problem ? (
        <p class="entry-error" role="alert">
          {item.error}{" "}
          <button type="button" class="link" onClick={() => retrySend(item.client_id)}>
            Coba lagi
          </button>
          <button type="button" class="link" onClick={() => editAgain(item.kind, takeBack(item.client_id))}>
            Sunting
          </button>
          <button type="button" class="link" onClick={() => landed(item.client_id)}>
            Hapus
          </button>
        </p>
      ) : null}
    </article>
  );
}

/** The messages of the open conversation, and those on their way. */
export function Thread({ summary }: { summary: Summary }) {
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const messages = desk.thread.value;
  const reactions = reactionsByMessage(messages);
  const going = pending.value.filter((item) => item.conversation === summary.id && !messages.some((each) => each.client_id === item.client_id));
  const typing = desk.customerTyping.value === summary.id;
  const toEnd = () => {
    if (box.current && stuck.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(toEnd, [messages.length, going.length, typing]);
  useEffect(() => {
    const inner = box.current?.firstElementChild;
    const observer = new ResizeObserver(toEnd);
    if (box.current) observer.observe(box.current);
    if (inner) observer.observe(inner);
    return () => observer.disconnect();
  }, []);
  let day = "";
  return (
    <div
      class="scroll thread"
      ref={box}
      role="log"
      aria-label="Pesan"
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        stuck.current = scrollHeight - scrollTop - clientHeight < 80;
      }}
    >
      <div class="thread-inner">
        {messages.map((message) => {
          const key = dayKey(message.at);
          const divider = key !== day;
          day = key;
          return (
            <Fragment key={message.id}>
              {divider ? <p class="day">{dayLabel(message.at)}</p> : null}
              <Entry message={message} summary={summary} reaction={reactions.get(message.id) ?? null} />
            </Fragment>
          );
        })}
        {going.map((item) => (
          <PendingEntry key={item.client_id} item={item} />
        ))}
        {typing ? <p class="system-line" data-testid="typing">Nasabah sedang mengetik…</p> : null}
      </div>
    </div>
  );
}
