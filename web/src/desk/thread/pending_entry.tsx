import { RichText } from "../../shared/rich_text";
import { clock } from "../../shared/time";
import { landed, type Pending, retrySend, takeBack } from "../composer/sends";
import { editAgain } from "../composer/text";

/** A text on its way, in the place where it will stand. */

export function PendingEntry({ item }: { item: Pending }) {
  const tab = item.kind === "said" ? item.author ?? "agent" : item.kind;
  const problem = item.state === "failed" || (item.state === "waiting" && item.error !== null);
  return (
    <article class={`entry ${item.kind === "note" ? "note" : item.author ?? "agent"} pending`} data-testid={item.kind === "note" ? "note" : "message"} data-author={item.author ?? "agent"}>
      <p class="entry-who">
        <span>{item.kind === "note" ? "Catatan Anda" : item.author === "customer" ? "Nasabah" : "Anda"}</span>
        <time dateTime={item.at}>{clock(item.at)}</time>
        <span class={problem ? "bad" : ""} data-testid="delivery">{item.state === "failed" ? "Gagal" : problem ? "Menunggu koneksi" : "Mengirim…"}</span>
      </p>
      <div class="entry-body">
        {(item.media ?? []).map((each) => (
          <p class="media-note" key={each.id}>
            {each.name ?? "Berkas"}
          </p>
        ))}
        {item.text ? <RichText text={item.text} /> : null}
      </div>
      {problem ? (
        <p class="entry-error" role="alert">
          {item.error}{" "}
          <button type="button" class="link" onClick={() => retrySend(item.client_id)}>
            Coba lagi
          </button>
          <button type="button" class="link" onClick={() => editAgain(item.conversation, tab, takeBack(item.client_id))}>
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
