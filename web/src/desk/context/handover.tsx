import { summaryOf } from "../assist/store";
import { Steps, TopicChoice } from "../procedure/details";
import { Verification } from "../procedure/verification";
import type { Card, Summary } from "../shapes";
import * as desk from "../store";
import { Fields, Section } from "./section";

/** The tab "Prosedur": why a person was asked, what is known, what to do. */

function Why({ card }: { card: Card }) {
  // The number belongs to a topic; without one it would only puzzle.
  const percent = card.topic && typeof card.confidence === "number" ? Math.round(card.confidence * 100) : null;
  return (
    <Section title="Alasan">
      <dl class="facts">
        <div>
          <dt>Dialihkan karena</dt>
          <dd>{card.reason?.label ?? "–"}</dd>
        </div>
        <div>
          <dt>Topik</dt>
          <dd>
            {card.topic?.label ?? "–"} {percent !== null ? <span class={`chip ${percent < 50 ? "warn" : ""}`}>keyakinan {percent}%</span> : null}
          </dd>
        </div>
        <div>
          <dt>Giliran gagal</dt>
          <dd>{card.failed_turns ?? 0}</dd>
        </div>
      </dl>
    </Section>
  );
}

function InShort({ id }: { id: string }) {
  const sentences = summaryOf(id);
  if (sentences.length === 0) return null;
  return (
    <Section title="Ringkasan">
      {sentences.map((each) => (
        <p class="card-text" key={each}>
          {each}
        </p>
      ))}
    </Section>
  );
}

export function Handover({ summary, card }: { summary: Summary; card: Card }) {
  const procedure = desk.procedure.value;
  return (
    <>
      <Why card={card} />
      <InShort id={summary.id} />
      {procedure && desk.mayAct(summary) && summary.owner === "agent" ? (
        <Section title="Topik">
          <TopicChoice summary={summary} />
        </Section>
      ) : null}
      {card.form ? (
        <Section title="Formulir setengah jadi">
          <p class="card-text">{card.form.label}</p>
          <Fields fields={card.form.fields} />
          {card.form.missing.length > 0 ? <p class="card-text dim">Belum diisi: {card.form.missing.join(", ")}</p> : null}
        </Section>
      ) : null}
      {card.slots && card.slots.length > 0 ? (
        <Section title="Data yang disebut">
          <Fields fields={card.slots} />
        </Section>
      ) : null}
      {procedure ? <Steps procedure={procedure} /> : null}
      {procedure?.verification ? <Verification summary={summary} known={procedure.verification} /> : null}
    </>
  );
}
