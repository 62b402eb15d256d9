import { LockIcon } from "../../desk/icons";
import { moment } from "../../shared/time";
import { allowed, begin } from "../actions";
import { BackToList } from "../list/list_pane";
import { PriorityChip } from "../list/row";
import { open, ticketPath } from "../loading";
import type { Clock, Ticket } from "../shapes";
import * as store from "../store";
import { clockWords, limitWords } from "../time";

/** What a ticket is, where it is, how its clocks stand, and what can be done now. */

function ClockLine({ label, clock, ticket }: { label: string; clock: Clock | null | undefined; ticket: Ticket }) {
  if (!clock) return null;
  const { text, tone } = clockWords(clock, { paused: ticket.paused, closed: ticket.closed_at !== null }, store.now.value);
  const due = clock.due_at && tone !== "late" && !ticket.paused && !ticket.closed_at ? ` · tenggat ${moment(clock.due_at)}` : "";
  return (
    <div class={`clock ${tone}`} data-testid={`clock-${label === "Unit" ? "hop" : "overall"}`}>
      <dt>{label}</dt>
      <dd>
        <strong>{text}</strong>
        <span class="clock-due">
          {due} · batas {limitWords(clock.limit)}
        </span>
      </dd>
    </div>
  );
}

function Clocks({ ticket }: { ticket: Ticket }) {
  return (
    <dl class="clocks">
      <ClockLine label="Unit" clock={ticket.clock?.hop} ticket={ticket} />
      <ClockLine label="Keseluruhan" clock={ticket.clock?.overall} ticket={ticket} />
    </dl>
  );
}

function Buttons({ ticket }: { ticket: Ticket }) {
  const actions = allowed();
  if (actions.length === 0 && ticket.solved_how !== "berita_acara") return null;
  return (
    <div class="actions" role="group" aria-label="Tindakan">
      {actions.map((action, at) => (
        <button
          type="button"
          key={action.id}
          class={`button small ${at === 0 ? "primary" : ""}`}
          aria-haspopup={action.direct ? undefined : "dialog"}
          aria-keyshortcuts={action.key}
          title={action.key ? `${action.label} (${action.key})` : undefined}
          onClick={() => void begin(action)}
        >
          {action.label}
        </button>
      ))}
      {ticket.solved_how === "berita_acara" ? (
        <a class="button small as-link" href={ticketPath(ticket.number, "/berita-acara.pdf")} target="_blank" rel="noopener">
          Cetak Berita Acara
        </a>
      ) : null}
    </div>
  );
}

export function Header({ ticket }: { ticket: Ticket }) {
  const hop = ticket.hops.at(-1);
  return (
    <header class="ticket-head">
      <div class="ticket-bar">
        <BackToList onClick={() => open(null)} />
        <h2>{ticket.number}</h2>
        <span class={`chip status-${ticket.status.id}`} data-testid="ticket-status">
          {ticket.status.label}
        </span>
        <PriorityChip priority={ticket.priority} />
        <span class="chip">{ticket.kind.label}</span>
        {ticket.restricted ? (
          <span class="chip bad restricted">
            <LockIcon /> Terbatas
          </span>
        ) : null}
        {ticket.jira ? (
          <a class="chip" href={ticket.jira.url} target="_blank" rel="noopener noreferrer">
            {ticket.jira.key}
          </a>
        ) : null}
      </div>
      <p class="ticket-summary">{ticket.summary}</p>
      <p class="ticket-where">
        <span data-testid="ticket-unit">
          <strong>{ticket.unit.label}</strong>
          {hop ? <span class="dim"> · perjalanan ke-{hop.hop}</span> : null}
          {ticket.accepted || ticket.closed_at ? null : <span class="chip warn">belum diterima</span>}
        </span>
        <span class="dim">Petugas: {ticket.assignee?.name ?? "belum ada"}</span>
        {ticket.promised_at ? <span class="dim">Dijanjikan {moment(ticket.promised_at)}</span> : null}
      </p>
      <Clocks ticket={ticket} />
      <Buttons ticket={ticket} />
    </header>
  );
}
