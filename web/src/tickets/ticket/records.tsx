import { Section } from "../../desk/context/section";
import { moment } from "../../shared/time";
import { change } from "../changing";
import { sentence } from "../../desk/api";
import { open } from "../loading";
import { type Link, type Ticket, who } from "../shapes";
import * as store from "../store";

/** The tabs that only tell: what happened, which calls were made, which tickets belong together. */

export function History({ ticket }: { ticket: Ticket }) {
  return (
    <ol class="history plain" aria-label="Riwayat">
      {[...ticket.history].reverse().map((entry, at) => (
        <li key={`${entry.at} ${at}`}>
          <span class="dim">{moment(entry.at)}</span> <strong>{who(entry.by)}</strong> {entry.what}
        </li>
      ))}
    </ol>
  );
}

export function Calls({ ticket }: { ticket: Ticket }) {
  return (
    <Section
      title="Panggilan ke nasabah"
      action={
        store.may("calls") ? (
          <button type="button" class="button small" onClick={() => (store.dialog.value = "calls")}>
            Catat panggilan
          </button>
        ) : undefined
      }
    >
      {ticket.call_back_at ? <p class="card-text">Hubungi kembali {moment(ticket.call_back_at)}</p> : null}
      {ticket.call_log.length === 0 ? <p class="card-text dim">Belum ada panggilan.</p> : null}
      <ul class="plain">
        {[...ticket.call_log].reverse().map((each) => (
          <li key={each.at}>
            <p class="card-text">
              <strong>{each.outcome.label}</strong> <span class="dim">· {moment(each.at)} · {who(each.by)}</span>
            </p>
            {each.note ? <p class="card-text">{each.note}</p> : null}
            {each.next_at ? <p class="card-text dim">Berikutnya {moment(each.next_at)}</p> : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}

const KIND: Record<Link["kind"], string> = {
  related: "terkait",
  merged: "digabungkan ke",
  merged_from: "gabungan dari",
  split: "dipisahkan menjadi",
  split_from: "dipisahkan dari",
};

async function unlink(ticket: Ticket, other: string): Promise<void> {
  try {
    await change(ticket, "/link", { other, remove: true });
  } catch (error) {
    store.say(sentence(error), "error");
  }
}

export function Links({ ticket }: { ticket: Ticket }) {
  return (
    <Section
      title="Tiket terkait"
      action={
        store.may("link") ? (
          <button type="button" class="button small" onClick={() => (store.dialog.value = "link")}>
            Tautkan
          </button>
        ) : undefined
      }
    >
      {ticket.links.length === 0 ? <p class="card-text dim">Tidak ada tiket terkait.</p> : null}
      <ul class="plain">
        {ticket.links.map((each) => (
          <li key={each.number + each.kind} class="link-row">
            <span class="dim">{KIND[each.kind] ?? "terkait"}</span>
            <a
              href={`#${each.number}`}
              onClick={(event) => {
                event.preventDefault();
                open(each.number);
              }}
            >
              {each.number}
            </a>
            <span class="link-summary">{each.summary}</span>
            <span class="chip">{each.status.label}</span>
            {each.kind === "related" && store.may("link") ? (
              <button type="button" class="button small" aria-label={`Lepas tautan ${each.number}`} onClick={() => void unlink(ticket, each.number)}>
                Lepas
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}
