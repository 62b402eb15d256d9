import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { moment } from "../../shared/time";
import { call, DeskError } from "../api";
import { ChannelIcon } from "../list/words";
import { openConversation } from "../loading";
import { Locked } from "../procedure/verification";
import type { Card, Named, Summary } from "../shapes";
import * as desk from "../store";
import { Section } from "./section";
import type { JourneyEntry } from "./shapes";

/** The tab "Riwayat": what this customer and we have had to do with each other, on every channel. */

interface Journey {
  customer: string;
  entries: JourneyEntry[];
  next: string | null;
  state: "ready" | "locked" | "absent";
}

const journey = signal<Journey | null>(null);

/** Whether the service would show the history: asked for only then. */
function opened(): boolean {
  if (desk.leads.value) return true;
  const levels = desk.procedure.value?.verification.levels ?? [];
  return levels.some((each) => each.reached && each.unlocks.includes("history"));
}

async function loadJourney(customer: string, before: string | null): Promise<void> {
  const query = before ? `?before=${encodeURIComponent(before)}` : "";
  try {
    const answer = await call<{ entries: JourneyEntry[]; next: string | null }>("GET", `/api/desk/customers/${encodeURIComponent(customer)}/journey${query}`);
    const earlier = before && journey.value?.customer === customer ? journey.value.entries : [];
    journey.value = { customer, entries: [...earlier, ...answer.entries], next: answer.next, state: "ready" };
  } catch (error) {
    const locked = error instanceof DeskError && error.code === "locked";
    journey.value = { customer, entries: [], next: null, state: locked ? "locked" : "absent" };
  }
}

const KIND: Record<JourneyEntry["kind"], string> = {
  conversation: "Percakapan",
  ticket: "Tiket",
  reservation: "Reservasi",
  consent: "Persetujuan",
  contact: "Kontak",
  survey: "Survei",
};

function Entry({ entry }: { entry: JourneyEntry }) {
  const other = entry.conversation && entry.conversation !== desk.openId.value ? entry.conversation : null;
  return (
    <li class={`journey ${entry.kind}`}>
      <p class="journey-top">
        <span class="chip">{KIND[entry.kind] ?? entry.kind}</span>
        {entry.channel ? <ChannelIcon channel={entry.channel} /> : null}
        <time dateTime={entry.at}>{moment(entry.at)}</time>
      </p>
      <p class="card-text">{entry.title}</p>
      {entry.detail ? <p class="card-text dim">{entry.detail}</p> : null}
      {other && entry.kind === "conversation" ? (
        <button type="button" class="link" onClick={() => void openConversation(other)}>
          Buka percakapan
        </button>
      ) : null}
    </li>
  );
}

function words(value: Named | string | null | undefined): string {
  if (!value) return "";
  if (typeof value !== "string") return value.label;
  return desk.options.value?.outcomes.find((each) => each.id === value)?.label ?? value;
}

/** What the card alone knows of earlier times. */
function Earlier({ card }: { card: Card }) {
  const earlier = card.earlier ?? [];
  return (
    <>
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
    </>
  );
}

export function History({ summary, card }: { summary: Summary; card: Card }) {
  const customer = summary.customer.id;
  const open = opened();
  useEffect(() => {
    if (open) void loadJourney(customer, null);
    else journey.value = { customer, entries: [], next: null, state: "locked" };
  }, [customer, card, open]);
  const known = journey.value?.customer === customer ? journey.value : null;
  return (
    <Section title="Riwayat percakapan">
      {known?.state === "locked" ? <Locked what={card.locked?.history ? `Riwayat (${card.locked.history})` : "Riwayat"} /> : null}
      {known?.state === "absent" ? <Earlier card={card} /> : null}
      {known?.state === "ready" && known.entries.length === 0 ? <p class="card-text dim">Belum ada riwayat.</p> : null}
      {known?.state === "ready" ? (
        <ol class="plain">
          {known.entries.map((entry) => (
            <Entry key={entry.kind + entry.id + entry.at} entry={entry} />
          ))}
        </ol>
      ) : null}
      {known?.next ? (
        <button type="button" class="button small" onClick={() => void loadJourney(customer, known.next)}>
          Muat lagi
        </button>
      ) : null}
    </Section>
  );
}
