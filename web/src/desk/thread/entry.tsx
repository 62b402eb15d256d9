import type { Delivery, Message } from "../../shared/message";
import { isReactionOnly, listRows } from "../../shared/message";
import { MediaView, PlaceView } from "../../shared/media_view";
import { RichText } from "../../shared/rich_text";
import { clock } from "../../shared/time";
import { markMisread, sendAgain } from "../actions";
import { customerName } from "../list/words";
import type { Summary } from "../shapes";
import * as desk from "../store";

/** One message as it stands in the conversation. */

const DELIVERY: Record<Delivery, string> = {
  queued: "Menunggu dikirim",
  sending: "Mengirim…",
  uncertain: "Belum pasti terkirim",
  sent: "Terkirim",
  delivered: "Sampai",
  read: "Dibaca",
  played: "Diputar",
  failed: "Gagal terkirim",
  dropped: "Tidak dikirim",
};

/** "Kirim ulang": only for what failed, of an agent, where it can be sent at all. */
function Again({ message, summary }: { message: Message; summary: Summary }) {
  if (message.delivery !== "failed" || message.note || message.author !== "agent" || !desk.isMine(summary)) return null;
  return (
    <button type="button" class="link" onClick={() => void sendAgain(summary.id, message.id)}>
      Kirim ulang
    </button>
  );
}

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

export function Entry({ message, summary, reaction }: { message: Message; summary: Summary; reaction: string | null }) {
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
      {message.error || failed ? (
        <p class="entry-error">
          {message.error} <Again message={message} summary={summary} />
        </p>
      ) : null}
      {message.author === "customer" ? <Insight id={message.id} /> : null}
    </article>
  );
}
