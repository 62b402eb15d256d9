import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Section } from "../../desk/context/section";
import { RichText } from "../../shared/rich_text";
import { newId } from "../../shared/storage";
import { moment } from "../../shared/time";
import { type Case, type Ticket, who } from "../shapes";
import { changeCase } from "./case_store";
import { EditForm } from "./edit_form";

/** Minutes of the meetings about a case. */

/** One attendee a line: "Nama, Unit". */
function attendees(text: string): { name: string; unit: string }[] {
  return text
    .split("\n")
    .map((line) => line.split(","))
    .map(([name = "", ...unit]) => ({ name: name.trim(), unit: unit.join(",").trim() }))
    .filter((each) => each.name);
}

/** The minutes' own id, in the service's length. */
function minutesId(): string {
  return newId().replaceAll("-", "").slice(0, 26);
}

export function CaseMinutes({ ticket, file }: { ticket: Ticket; file: Case }) {
  const writing = useSignal(false);
  const id = useRef(minutesId());
  const may = file.allowed.includes("minutes");
  return (
    <Section
      title="Notulen"
      action={
        may && !writing.value ? (
          <button type="button" class="button small" onClick={() => (writing.value = true)}>
            Tulis notulen
          </button>
        ) : undefined
      }
    >
      {writing.value ? (
        <EditForm
          label="Notulen baru"
          submitLabel="Simpan notulen"
          keep={`${ticket.number}:minutes`}
          onCancel={() => (writing.value = false)}
          onSubmit={async (text) => {
            const held_at = new Date(`${text("held_at")}:00+07:00`).toISOString();
            await changeCase(ticket.number, "/minutes", { client_id: id.current, held_at, attendees: attendees(text("attendees")), text: text("text") });
            id.current = minutesId();
          }}
        >
          <label class="field-label">
            Waktu rapat (WIB)
            <input name="held_at" type="datetime-local" class="field" required />
          </label>
          <label class="field-label">
            Hadir, satu orang per baris: Nama, Unit
            <textarea name="attendees" class="field" rows={3} required />
          </label>
          <label class="field-label">
            Isi notulen
            <textarea name="text" class="field" rows={5} required />
          </label>
        </EditForm>
      ) : null}
      {file.minutes.length === 0 ? <p class="card-text dim">Belum ada notulen.</p> : null}
      <ul class="plain">
        {file.minutes.map((each) => (
          <li key={each.id}>
            <p class="card-text">
              <strong>Rapat {moment(each.held_at)}</strong> <span class="dim">· dicatat {who(each.by)}</span>
            </p>
            <p class="card-text dim">Hadir: {each.attendees.map(({ name, unit }) => (unit ? `${name} (${unit})` : name)).join(", ")}</p>
            <RichText text={each.text} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
