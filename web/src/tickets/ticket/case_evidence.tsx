import { useSignal } from "@preact/signals";
import { Section } from "../../desk/context/section";
import { MediaView } from "../../shared/media_view";
import { moment } from "../../shared/time";
import { Choose } from "../fields";
import { type Case, type Evidence, type Ticket, who } from "../shapes";
import { changeCase } from "./case_store";
import { EditForm } from "./edit_form";

/** What must be there before a decision, item by item. */

const STATES = [
  { id: "missing", label: "Belum ada" },
  { id: "there", label: "Ada" },
  { id: "refused", label: "Ditolak" },
];
const TONES: Record<Evidence["state"], string> = { missing: "warn", there: "good", refused: "bad" };

function Item({ ticket, item, may }: { ticket: Ticket; item: Evidence; may: boolean }) {
  const changing = useSignal(false);
  const state = STATES.find((each) => each.id === item.state)?.label;
  return (
    <li data-testid="evidence">
      <p class="hop-head">
        <strong>{item.label}</strong>
        {item.required ? <span class="dim">wajib</span> : null}
        <span class={`chip ${item.state === "missing" && !item.required ? "" : TONES[item.state]}`}>{state}</span>
        {may && !changing.value ? (
          <button type="button" class="button small" aria-label={`Ubah ${item.label}`} onClick={() => (changing.value = true)}>
            Ubah
          </button>
        ) : null}
      </p>
      {item.note ? <p class="card-text">{item.note}</p> : null}
      {item.file ? <MediaView media={item.file} /> : null}
      {item.at ? (
        <p class="card-text dim">
          {who(item.by)} · {moment(item.at)}
        </p>
      ) : null}
      {changing.value ? (
        <EditForm
          label={item.label}
          submitLabel="Simpan"
          keep={`${ticket.number}:evidence:${item.id}`}
          onCancel={() => (changing.value = false)}
          onSubmit={(text) => changeCase(ticket.number, "/evidence", { item: item.id, state: text("state"), note: text("note"), media: text("media") || null })}
        >
          <div class="field-pair">
            <Choose name="state" label="Keadaan" items={STATES} chosen={item.state} />
            <Choose name="media" label="Berkas tiket" items={ticket.files.map(({ id, name }) => ({ id, label: name ?? id }))} chosen={item.file?.id ?? ""} empty="–" />
          </div>
          <label class="field-label">
            Catatan
            <input name="note" class="field" maxLength={500} autocomplete="off" defaultValue={item.note} />
          </label>
        </EditForm>
      ) : null}
    </li>
  );
}

export function CaseEvidence({ ticket, file }: { ticket: Ticket; file: Case }) {
  const there = file.evidence.filter((each) => each.required && each.state === "there").length;
  const required = file.evidence.filter((each) => each.required).length;
  return (
    <Section title={`Bukti (${there} dari ${required} yang wajib)`}>
      <ul class="plain">
        {file.evidence.map((item) => (
          <Item key={item.id} ticket={ticket} item={item} may={file.allowed.includes("evidence")} />
        ))}
      </ul>
    </Section>
  );
}
