import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { moment, shortDay } from "../../shared/time";
import { ask, call, DeskError, sentence } from "../api";
import { Locked } from "../procedure/verification";
import type { Card, Summary } from "../shapes";
import * as desk from "../store";
import { Section } from "./section";
import type { CustomerAnswer, Merge } from "./shapes";

/** The tab "Nasabah": who the customer is, what was consented to, whether two are one. */

const known = signal<{ id: string; answer: CustomerAnswer } | null>(null);
const busy = signal(false);

async function loadCustomer(id: string): Promise<void> {
  const answer = await ask<CustomerAnswer>(`/api/desk/customers/${encodeURIComponent(id)}`);
  if (answer) known.value = { id, answer };
}

async function decide(customer: string, merge: Merge, decision: "merge" | "refuse" | "undo"): Promise<void> {
  busy.value = true;
  try {
    await call("POST", `/api/desk/merges/${encodeURIComponent(merge.id)}`, { decision });
  } catch (error) {
    desk.say(error instanceof DeskError ? error.message : sentence(error), "error");
  }
  await loadCustomer(customer);
  busy.value = false;
}

const CONSENT: Record<string, string> = { granted: "Disetujui", declined: "Ditolak", withdrawn: "Ditarik kembali", none: "Belum diminta" };

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

function Same({ merge, customer }: { merge: Merge; customer: string }) {
  const other = merge.other.name || merge.other.handle || "Nasabah lain";
  const button = (label: string, decision: "merge" | "refuse" | "undo", main = false) => (
    <button type="button" class={`button small ${main ? "primary" : ""}`} disabled={busy.value} onClick={() => void decide(customer, merge, decision)}>
      {label}
    </button>
  );
  return (
    <li data-testid="merge">
      <p class="card-text">
        <strong>{other}</strong> {merge.other.name && merge.other.handle ? <span class="dim">{merge.other.handle}</span> : null}
      </p>
      <p class="card-text dim">{merge.because.label}</p>
      {merge.state === "proposed" ? (
        <span class="row-buttons">
          {button("Gabungkan", "merge", true)}
          {button("Bukan orang yang sama", "refuse")}
        </span>
      ) : null}
      {merge.state === "merged" ? (
        <span class="row-buttons">
          <span class="chip good">Digabungkan</span>
          {button("Batalkan penggabungan", "undo")}
        </span>
      ) : null}
      {merge.state === "refused" ? <span class="chip">Bukan orang yang sama</span> : null}
      {merge.state === "undone" ? <span class="chip">Penggabungan dibatalkan</span> : null}
    </li>
  );
}

function Identity({ summary, answer, card }: { summary: Summary; answer: CustomerAnswer | null; card: Card }) {
  return (
    <Section title="Identitas">
      <dl class="facts">
        <div>
          <dt>Nama</dt>
          <dd>{answer?.customer.name ?? summary.customer.name ?? "–"}</dd>
        </div>
        {(answer?.customer.identities ?? []).map((each) => (
          <div key={each.kind + each.value}>
            <dt>{each.label}</dt>
            <dd>{each.value}</dd>
          </div>
        ))}
        {!answer && summary.customer.handle ? (
          <div>
            <dt>Kontak</dt>
            <dd>{summary.customer.handle}</dd>
          </div>
        ) : null}
        {answer?.customer.since ? (
          <div>
            <dt>Tercatat sejak</dt>
            <dd>{shortDay(answer.customer.since)}</dd>
          </div>
        ) : null}
      </dl>
      {card.locked?.contact ? <Locked what="Kontak lengkap" /> : null}
    </Section>
  );
}

export function Customer({ summary, card }: { summary: Summary; card: Card }) {
  const id = summary.customer.id;
  // A new card can mean that more is unlocked.
  useEffect(() => void loadCustomer(id), [id, card]);
  const answer = known.value?.id === id ? known.value.answer : null;
  const merges = answer?.merges ?? [];
  return (
    <>
      <Identity summary={summary} answer={answer} card={card} />
      {card.consent ? <Consent consent={card.consent} /> : null}
      {merges.length > 0 ? (
        <Section title="Mungkin orang yang sama">
          <ul class="plain">
            {merges.map((merge) => (
              <Same key={merge.id} merge={merge} customer={id} />
            ))}
          </ul>
        </Section>
      ) : null}
    </>
  );
}
