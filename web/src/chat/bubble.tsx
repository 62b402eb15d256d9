import { MediaView, PlaceView } from "../shared/media_view";
import { RichText } from "../shared/rich_text";
import { clock } from "../shared/time";
import { Choices } from "./choices";
import type { Outgoing } from "./session";
import type { Shown } from "./thread_state";
import { link, outbox } from "./store";

/** One message of the thread: stored, or still on its way. */

function authorName(message: Shown): string {
  if (message.author === "customer") return "Anda";
  if (message.author === "agent") return message.name ?? "Petugas";
  if (message.author === "bot") return message.name ?? "Asisten virtual";
  return "Pesan otomatis";
}

export function Bubble({ message, read, reaction }: { message: Shown; read: boolean; reaction: string | null }) {
  const mine = message.author === "customer";
  return (
    <article class={`msg ${mine ? "mine" : "theirs"}`} data-author={message.author} data-testid="message">
      <p class="who">
        <span class={mine ? "visually-hidden" : ""}>{authorName(message)}</span>
      </p>
      <div class="bubble">
        {message.revoked ? (
          <p class="rich gone">Pesan ini telah dihapus.</p>
        ) : (
          <>
            {(message.media ?? []).map((media) => (
              <MediaView key={media.id} media={media} />
            ))}
            {message.location ? <PlaceView place={message.location} /> : null}
            {message.text ? <RichText text={message.text} /> : null}
          </>
        )}
        {reaction ? (
          <p class="reactions">
            <span class="visually-hidden">Reaksi: </span>
            {reaction}
          </p>
        ) : null}
      </div>
      <p class="meta">
        <time dateTime={message.at}>{clock(message.at)}</time>
        {message.edited ? <span> · diedit</span> : null}
        {mine ? <span data-testid="delivery"> · {read ? "Dibaca" : "Terkirim"}</span> : null}
      </p>
      {message.revoked ? null : <Choices message={message} />}
    </article>
  );
}

export function OutgoingBubble({ item }: { item: Outgoing }) {
  const failed = item.state === "failed";
  const state = link.value === "ready" ? "Mengirim…" : "Menunggu koneksi…";
  return (
    <article class={`msg mine ${failed ? "failed" : "going"}`} data-author="customer" data-testid="message">
      <p class="who">
        <span class="visually-hidden">Anda</span>
      </p>
      <div class="bubble">
        {item.media.map((media) => (
          <MediaView key={media.id} media={media} />
        ))}
        {item.text ? <RichText text={item.text} /> : null}
      </div>
      <p class="meta">
        <time dateTime={item.at}>{clock(item.at)}</time>
        <span data-testid="delivery"> · {failed ? "Gagal" : state}</span>
      </p>
      {failed ? (
        <p class="failure" role="alert">
          {item.error ?? "Pesan tidak terkirim."}{" "}
          <button type="button" class="text-button" onClick={() => outbox.again(item.client_id)}>
            Coba lagi
          </button>
          <button type="button" class="text-button" onClick={() => outbox.discard(item.client_id)}>
            Hapus
          </button>
        </p>
      ) : null}
    </article>
  );
}
