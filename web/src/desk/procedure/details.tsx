import { Section } from "../context/section";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { setTopic } from "./actions";
import { lacking, tickedBy } from "./bar";
import type { Procedure } from "./shapes";

/** The guide in the pane beside the conversation: every step with its words, and what is still missing. */

export function Steps({ procedure }: { procedure: Procedure }) {
  const wanted = lacking(procedure);
  return (
    <Section title="Langkah SOP">
      <p class="card-text dim">{procedure.guide.label}</p>
      <ol class="steps">
        {procedure.steps.map((step) => (
          <li key={step.id} class={step.done ? "done" : wanted.has(step.id) ? "wanted" : ""}>
            <span aria-hidden="true">{step.done ? "✓" : "○"}</span> {step.label}
            <span class="visually-hidden">{step.done ? " (selesai)" : " (belum)"}</span>
            {!step.done && wanted.has(step.id) ? <span class="mark late"> wajib</span> : null}
            <p class="dim">{step.done ? tickedBy(step) : step.hint}</p>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** What the conversation is about, as the agent says. */
export function TopicChoice({ summary }: { summary: Summary }) {
  const topics = desk.options.value?.topics ?? [];
  return (
    <label class="field-label compact">
      Topik menurut petugas
      <select class="field" value={summary.topic?.id ?? ""} onChange={(event) => void setTopic(summary.id, event.currentTarget.value)}>
        {summary.topic ? null : <option value="">Pilih topik…</option>}
        {topics.map((each) => (
          <option key={each.id} value={each.id}>
            {each.label}
          </option>
        ))}
      </select>
    </label>
  );
}
