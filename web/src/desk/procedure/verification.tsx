import { Section } from "../context/section";
import { LockIcon } from "../icons";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { verify } from "./actions";
import type { Verification as Known } from "./shapes";

/** Who the customer is known to be: the agent compares, only whether it matched is kept. */

const UNLOCKS: Record<string, string> = { contact: "kontak", tickets: "tiket", reservations: "reservasi", history: "riwayat" };

function Level({ level }: { level: Known["levels"][number] }) {
  const opens = level.unlocks.map((each) => UNLOCKS[each] ?? each).join(", ");
  return (
    <li class={level.reached ? "reached" : ""}>
      <span class={`chip ${level.reached ? "good" : ""}`}>{level.label}</span> {level.reached ? "tercapai" : level.needs}
      {opens ? <span class="dim"> · membuka {opens}</span> : null}
    </li>
  );
}

export function Verification({ summary, known }: { summary: Summary; known: Known }) {
  const may = desk.mayAct(summary) && summary.owner === "agent";
  return (
    <Section title="Verifikasi">
      <ul class="plain levels">
        {known.levels.map((level) => (
          <Level key={level.level} level={level} />
        ))}
      </ul>
      <ul class="plain checks">
        {known.fields.map((field) => (
          <li key={field.id}>
            <span id={`check-${field.id}`}>{field.label}</span>
            <span class="check-buttons" role="group" aria-labelledby={`check-${field.id}`}>
              <button type="button" class="button small yes" disabled={!may} aria-pressed={field.matched === true} onClick={() => void verify(summary.id, field.id, true)}>
                Cocok
              </button>
              <button type="button" class="button small no" disabled={!may} aria-pressed={field.matched === false} onClick={() => void verify(summary.id, field.id, false)}>
                Tidak cocok
              </button>
            </span>
          </li>
        ))}
      </ul>
      <p class="card-text dim">Bandingkan dengan data resmi; jawaban nasabah tidak disimpan di sini.</p>
    </Section>
  );
}

/** Stands where something is hidden until the customer is known. */
export function Locked({ what }: { what: string }) {
  return (
    <p class="locked">
      <LockIcon /> <span>{what} terkunci.</span>
      <button type="button" class="button small" onClick={() => desk.lookAt("procedure")}>
        Verifikasi dahulu
      </button>
    </p>
  );
}
