import type { ComponentChildren } from "preact";
import { BackIcon } from "../shared/icons";
import { moment } from "../shared/time";
import { ChannelIcon } from "./list";
import type { Card, Field, Named } from "./shapes";
import { Tickets } from "./ticket_list";
import * as desk from "./store";

/** The right pane: what an agent should know without reading everything. */

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="card-section" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "Ya" : "Tidak";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function Fields({ fields }: { fields: Field[] }) {
  return (
    <dl class="facts">
      {fields.map((field) => (
        <div key={field.id}>
          <dt>{field.label}</dt>
          <dd>{shown(field.value)}</dd>
        </div>
      ))}
    </dl>
  );
}

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
            {card.topic?.label ?? "–"}{" "}
            {percent !== null ? <span class={`chip ${percent < 50 ? "warn" : ""}`}>keyakinan {percent}%</span> : null}
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

const CONSENT = { granted: "Disetujui", declined: "Ditolak", withdrawn: "Ditarik kembali", none: "Belum diminta" };

function Consent({ consent }: { consent: NonNullable<Card["consent"]> }) {
  return (
    <Section title="Persetujuan data">
      <p class="card-text">
        <span class={`chip ${consent.state === "granted" ? "good" : consent.state === "none" ? "" : "bad"}`}>{CONSENT[consent.state] ?? consent.state}</span>
        {consent.at ? ` ${moment(consent.at)}` : ""}
        {consent.version ? ` · versi ${consent.version}` : ""}
      </p>
    </Section>
  );
}

function Steps({ steps }: { steps: NonNullable<Card["steps"]> }) {
  return (
    <Section title="Langkah SOP">
      <ol class="steps">
        {steps.map((step) => (
          <li key={step.id} class={step.done ? "done" : ""}>
            <span aria-hidden="true">{step.done ? "✓" : "○"}</span> {step.label}
            <span class="visually-hidden">{step.done ? " (selesai)" : " (belum)"}</span>
            {step.at ? <span class="dim"> {moment(step.at)}</span> : null}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function words(value: Named | string | null | undefined): string {
  if (!value) return "";
  if (typeof value !== "string") return value.label;
  const outcomes = desk.options.value?.outcomes ?? [];
  return outcomes.find((each) => each.id === value)?.label ?? value;
}

function Rest({ card }: { card: Card }) {
  const reservations = card.reservations ?? [];
  const earlier = card.earlier ?? [];
  return (
    <>
      {reservations.length > 0 ? (
        <Section title="Reservasi">
          <ul class="plain">
            {reservations.map((each) => (
              <li key={each.code}>
                <strong>{each.code}</strong> <span class="chip">{each.label ?? each.status}</span>
                <br />
                {each.outlet}, {moment(each.starts_at)}
                <br />
                <span class="dim">{each.purpose}</span>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      <Section title="Riwayat percakapan">
        {earlier.length === 0 ? <p class="card-text dim">Belum ada percakapan sebelumnya.</p> : null}
        <ul class="plain">
          {earlier.map((each) => (
            <li key={each.id}>
              <ChannelIcon channel={each.channel} /> {moment(each.opened_at)}
              <br />
              <span class="dim">{[words(each.topic), words(each.outcome)].filter(Boolean).join(" · ")}</span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

export function CardPane() {
  const card = desk.card.value;
  return (
    <aside class="pane card-pane" aria-label="Kartu nasabah">
      <div class="card-head only-narrow">
        <button type="button" class="icon-button" aria-label="Kembali ke percakapan" onClick={() => (desk.pane.value = "thread")}>
          <BackIcon />
        </button>
        <h2>Kartu nasabah</h2>
      </div>
      <div class="scroll">
        {!card ? <p class="empty">Rincian nasabah tampil di sini.</p> : null}
        {card ? (
          <>
            <Why card={card} />
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
            {card.steps && card.steps.length > 0 ? <Steps steps={card.steps} /> : null}
            <Tickets tickets={card.tickets ?? []} />
            {card.consent ? <Consent consent={card.consent} /> : null}
            <Rest card={card} />
          </>
        ) : null}
      </div>
    </aside>
  );
}
