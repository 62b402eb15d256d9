import { useSignal } from "@preact/signals";
import { moment } from "../../shared/time";
import { Locked } from "../procedure/verification";
import { Section } from "./section";
import { EditTicket } from "./ticket_form";
import type { Ticket } from "../shapes";
import * as desk from "../store";

/** The customer's tickets in the card: read, make, change. */

function One({ ticket }: { ticket: Ticket }) {
  const editing = useSignal(false);
  return (
    <li class="ticket" data-testid="ticket">
      <p class="ticket-top">
        <a class="ticket-link" href={`/tickets#${ticket.number}`}>
          {ticket.number}
        </a>
        <span class="chip">{ticket.status.label}</span>
        <span class={`chip ${ticket.priority.id === "urgent" ? "bad" : ticket.priority.id === "high" ? "warn" : ""}`}>{ticket.priority.label}</span>
      </p>
      {editing.value ? (
        <EditTicket ticket={ticket} onDone={() => (editing.value = false)} />
      ) : (
        <>
          <p class="card-text">{ticket.summary}</p>
          {ticket.promised_at ? <p class="card-text dim">Dijanjikan {moment(ticket.promised_at)}</p> : null}
          <details>
            <summary>Rincian</summary>
            <p class="rich">{ticket.detail || "–"}</p>
            {ticket.product ? <p class="card-text dim">Produk: {ticket.product}</p> : null}
            {(ticket.notes ?? []).map((note) => (
              <p class="card-text" key={note.at + note.text}>
                <span class="dim">
                  {moment(note.at)} · {note.author}
                </span>
                <br />
                {note.text}
              </p>
            ))}
          </details>
          <button type="button" class="button small" aria-label={`Ubah tiket ${ticket.number}`} onClick={() => (editing.value = true)}>
            Ubah
          </button>
        </>
      )}
    </li>
  );
}

export function Tickets({ tickets, locked }: { tickets: Ticket[]; locked: number }) {
  return (
    <Section
      title="Tiket"
      action={
        <button type="button" class="button small" onClick={() => (desk.dialog.value = "ticket")}>
          Buat tiket
        </button>
      }
    >
      {tickets.length === 0 && locked === 0 ? <p class="card-text dim">Belum ada tiket.</p> : null}
      <ul class="plain">
        {tickets.map((ticket) => (
          <One key={ticket.number} ticket={ticket} />
        ))}
      </ul>
      {locked > 0 ? <Locked what={`${locked} tiket lain`} /> : null}
    </Section>
  );
}
