import { useSignal } from "@preact/signals";
import { call, sentence } from "../../desk/api";
import { Section } from "../../desk/context/section";
import { RichText } from "../../shared/rich_text";
import { moment } from "../../shared/time";
import { Choose } from "../fields";
import { loadTicket, ticketPath } from "../loading";
import { type Monev, type Ticket, word } from "../shapes";
import * as store from "../store";
import { EditForm } from "./edit_form";

/** The tab "MONEV": an outlet is asked, by a link that is shown once, and answers. */

function Shown({ link }: { link: string }) {
  const copied = useSignal(false);
  const copy = async (field: HTMLInputElement) => {
    field.select();
    try {
      await navigator.clipboard.writeText(link);
      copied.value = true;
    } catch {
      store.say("Mohon salin tautan yang sudah ditandai.", "info");
    }
  };
  return (
    <div class="shown-once" role="status">
      <p>Tautan ini hanya tampil sekali. Salin dan teruskan ke outlet.</p>
      <div class="copy">
        <input id="monev-link" class="field" readOnly value={link} aria-label="Tautan untuk outlet" />
        <button type="button" class="button small" onClick={() => void copy(document.getElementById("monev-link") as HTMLInputElement)}>
          {copied.value ? "Tersalin" : "Salin"}
        </button>
      </div>
    </div>
  );
}

function state(monev: Monev): [string, string] {
  if (monev.answered_at) return ["sudah dijawab", "good"];
  if (monev.revoked_at) return ["dicabut", ""];
  if (monev.due_at && Date.parse(monev.due_at) < store.now.value) return ["terlambat", "bad"];
  return ["menunggu jawaban", "warn"];
}

function Asked({ ticket, monev }: { ticket: Ticket; monev: Monev }) {
  const [text, tone] = state(monev);
  const revoke = async () => {
    try {
      await call<null>("DELETE", ticketPath(ticket.number, `/monev/${encodeURIComponent(monev.id)}`));
      await loadTicket();
    } catch (error) {
      store.say(sentence(error), "error");
    }
  };
  return (
    <li data-testid="monev">
      <p class="hop-head">
        <strong>{word(monev.outlet)}</strong>
        <span class={`chip ${tone}`}>{text}</span>
        {!monev.answered_at && !monev.revoked_at ? (
          <button type="button" class="button small" aria-label={`Cabut tautan ${word(monev.outlet)}`} onClick={() => void revoke()}>
            Cabut
          </button>
        ) : null}
      </p>
      <p class="card-text dim">
        Ditanyakan {moment(monev.sent_at)}
        {monev.due_at ? ` · tenggat ${moment(monev.due_at)}` : ""}
      </p>
      <RichText text={monev.question} />
      {monev.answered_at ? (
        <dl class="facts wide">
          <div>
            <dt>Dijawab</dt>
            <dd>
              {[monev.answered_by, monev.position].filter(Boolean).join(", ")} · {moment(monev.answered_at)}
            </dd>
          </div>
          <div>
            <dt>Kronologi</dt>
            <dd>{monev.chronology || "–"}</dd>
          </div>
          <div>
            <dt>Tindak lanjut</dt>
            <dd>{monev.follow_up || "–"}</dd>
          </div>
        </dl>
      ) : null}
    </li>
  );
}

export function MonevPanel({ ticket }: { ticket: Ticket }) {
  const link = useSignal("");
  const asked = ticket.monev ?? [];
  return (
    <>
      {store.isDivision.value ? null : (
        <EditForm
          label="Tanya outlet"
          submitLabel="Buat tautan"
          keep={`${ticket.number}:monev`}
          onSubmit={async (text) => {
            const answer = await call<{ link: string }>("POST", ticketPath(ticket.number, "/monev"), { outlet: text("outlet"), question: text("question") });
            link.value = answer.link;
            await loadTicket();
          }}
        >
          <Choose name="outlet" label="Outlet" items={store.options.value?.outlets ?? []} chosen={ticket.outlet?.id ?? ""} required empty="Pilih outlet…" />
          <label class="field-label">
            Pertanyaan untuk outlet (tanpa nama dan nomor nasabah)
            <textarea name="question" class="field" rows={3} required maxLength={2000} />
          </label>
        </EditForm>
      )}
      {link.value ? <Shown link={link.value} /> : null}
      <Section title="Pertanyaan ke outlet">
        {asked.length === 0 ? <p class="card-text dim">Belum ada pertanyaan ke outlet.</p> : null}
        <ul class="plain">
          {[...asked].reverse().map((each) => (
            <Asked key={each.id} ticket={ticket} monev={each} />
          ))}
        </ul>
      </Section>
    </>
  );
}
