import { useSignal } from "@preact/signals";
import { finish } from "../actions";
import { DeskError } from "../api";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { Ask } from "./ask";

/** The end of a conversation: what it was about, how it ended, and what the guide still wants. */

const OUTCOMES = [
  { id: "solved", label: "Selesai" },
  { id: "ticket", label: "Dilanjutkan dengan tiket" },
  { id: "no_response", label: "Nasabah tidak merespons" },
  { id: "out_of_topic", label: "Di luar topik" },
];

interface Lacking {
  id: string;
  label: string;
  hint: string;
}

/** What the guide lacks for an outcome, as far as this desk knows. */
function lackingFor(outcome: string): Lacking[] {
  const procedure = desk.procedure.value;
  const ids = new Set(procedure?.missing[outcome] ?? []);
  return (procedure?.steps ?? []).filter((step) => ids.has(step.id) && !step.done);
}

function Missing({ steps }: { steps: Lacking[] }) {
  return (
    <div class="missing" role="status" data-testid="missing-steps">
      {steps.length > 0 ? (
        <>
          <p>
            <strong>Belum dilakukan:</strong>
          </p>
          <ul>
            {steps.map((each) => (
              <li key={each.id}>
                {each.label} <span class="dim">{each.hint}</span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}

function About({ topic, onTopic }: { topic: string; onTopic: (id: string) => void }) {
  const topics = desk.options.value?.topics ?? [];
  const subs = desk.options.value?.sub_topics?.[topic] ?? [];
  return (
    <div class="field-pair">
      <label class="field-label">
        Topik
        <select name="topic" class="field" value={topic} onChange={(event) => onTopic(event.currentTarget.value)}>
          {topic ? null : <option value="">Pilih topik…</option>}
          {topics.map((each) => (
            <option key={each.id} value={each.id}>
              {each.label}
            </option>
          ))}
        </select>
      </label>
      <label class="field-label">
        Sub-topik
        <select name="sub_topic" class="field" disabled={subs.length === 0} key={topic}>
          <option value="">–</option>
          {subs.map((each) => (
            <option key={each.id} value={each.id}>
              {each.label}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

export function CloseDialog({ summary }: { summary: Summary }) {
  const known = desk.options.value?.outcomes;
  const outcomes = known && known.length > 0 ? known : OUTCOMES;
  const outcome = useSignal(outcomes[0]!.id);
  const topic = useSignal(summary.topic?.id ?? "");
  const refused = useSignal<Lacking[] | null>(null);
  const guided = desk.options.value?.sub_topics !== undefined;
  const missing = refused.value ?? lackingFor(outcome.value);
  const submit = async (data: FormData) => {
    const said = (name: string) => String(data.get(name) ?? "").trim();
    const about = guided ? { topic: topic.value || undefined, sub_topic: said("sub_topic") || null } : {};
    const override = said("override");
    try {
      await finish(summary.id, { outcome: outcome.value, closing: data.get("closing") === "on", ...about, ...(override ? { override } : {}) });
    } catch (error) {
      const body = error instanceof DeskError ? (error.body as { missing?: Lacking[] } | null) : null;
      refused.value = body?.missing ?? null;
      throw error;
    }
  };
  return (
    <Ask title="Tutup percakapan" submitLabel="Tutup percakapan" onSubmit={submit}>
      {guided ? <About topic={topic.value} onTopic={(id) => (topic.value = id)} /> : null}
      <fieldset class="radios">
        <legend>Hasil</legend>
        {outcomes.map((each) => (
          <label key={each.id}>
            <input
              type="radio"
              name="outcome"
              value={each.id}
              required
              checked={outcome.value === each.id}
              onChange={() => {
                outcome.value = each.id;
                refused.value = null;
              }}
            />{" "}
            {each.label}
          </label>
        ))}
      </fieldset>
      <Missing steps={missing} />
      {missing.length > 0 && desk.leads.value ? (
        <label class="field-label">
          Tutup meskipun belum lengkap, karena
          <input name="override" class="field" maxLength={200} />
        </label>
      ) : null}
      {summary.manual ? null : (
        <label class="check">
          <input type="checkbox" name="closing" defaultChecked /> Kirim salam penutup dan survei
        </label>
      )}
    </Ask>
  );
}
