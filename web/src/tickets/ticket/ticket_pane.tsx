import { moveBetweenTabs } from "../../desk/tab_keys";
import { BackToList } from "../list/list_pane";
import { loadTicket, open } from "../loading";
import type { Ticket } from "../shapes";
import * as store from "../store";
import { CasePanel } from "./case_panel";
import { Calls, History, Links } from "./records";
import { Detail } from "./detail";
import { Files } from "./files";
import { FormPanel } from "./form_panel";
import { Header } from "./header";
import { Journey } from "./journey";
import { MonevPanel } from "./monev_panel";
import { Notes } from "./notes";

/** The open ticket: header, what can be done, and its parts behind tabs. */

const TABS: { tab: store.Tab; label: string; count?: (ticket: Ticket) => number; shown?: (ticket: Ticket) => boolean }[] = [
  { tab: "detail", label: "Uraian" },
  { tab: "notes", label: "Catatan", count: (each) => each.notes.length },
  { tab: "journey", label: "Perjalanan", count: (each) => each.hops.length },
  { tab: "history", label: "Riwayat" },
  { tab: "files", label: "Berkas", count: (each) => each.files.length },
  { tab: "calls", label: "Panggilan", count: (each) => each.call_log.length },
  { tab: "links", label: "Tautan", count: (each) => each.links.length },
  { tab: "form", label: "Form", shown: (each) => each.form !== null || Boolean(each.solved_form) || kindHasForm(each) },
  { tab: "case", label: "Kasus", shown: (each) => each.case || each.restricted },
  { tab: "monev", label: "MONEV", count: (each) => each.monev?.length ?? 0, shown: (each) => (each.monev?.length ?? 0) > 0 || !store.isDivision.value },
];

function kindHasForm(ticket: Ticket): boolean {
  return Boolean(store.options.value?.kinds.find((each) => each.id === ticket.kind.id)?.form);
}

/** The tabs of a ticket, in their order. */
export function tabsOf(ticket: Ticket): store.Tab[] {
  return TABS.filter(({ shown }) => shown?.(ticket) ?? true).map(({ tab }) => tab);
}

function Tabs({ ticket }: { ticket: Ticket }) {
  return (
    <div class="tabs small" role="tablist" aria-label="Bagian tiket" onKeyDown={moveBetweenTabs}>
      {TABS.filter(({ shown }) => shown?.(ticket) ?? true).map(({ tab, label, count }) => (
        <button
          type="button"
          key={tab}
          role="tab"
          id={`tab-${tab}`}
          aria-selected={store.tab.value === tab}
          aria-controls="ticket-panel"
          tabIndex={store.tab.value === tab ? 0 : -1}
          onClick={() => (store.tab.value = tab)}
        >
          {label}
          {count?.(ticket) ? <span class="tab-dot">{count(ticket)}</span> : null}
        </button>
      ))}
    </div>
  );
}

function Panel({ ticket }: { ticket: Ticket }) {
  switch (store.tab.value) {
    case "notes":
      return <Notes ticket={ticket} />;
    case "journey":
      return <Journey ticket={ticket} />;
    case "history":
      return <History ticket={ticket} />;
    case "files":
      return <Files ticket={ticket} />;
    case "calls":
      return <Calls ticket={ticket} />;
    case "links":
      return <Links ticket={ticket} />;
    case "form":
      return <FormPanel ticket={ticket} />;
    case "case":
      return <CasePanel ticket={ticket} />;
    case "monev":
      return <MonevPanel ticket={ticket} />;
    default:
      return <Detail ticket={ticket} />;
  }
}

function NotThere() {
  const failed = store.ticketState.value === "failed";
  return (
    <section class="pane ticket-pane" aria-label={`Tiket ${store.openNumber.value}`}>
      <div class="ticket-bar">
        <BackToList onClick={() => open(null)} />
        <h2>{store.openNumber.value}</h2>
      </div>
      <p class="empty" role="status">
        {failed ? store.ticketError.value : "Memuat…"}{" "}
        {failed ? (
          <button type="button" class="link" onClick={() => void loadTicket()}>
            Coba lagi
          </button>
        ) : null}
      </p>
    </section>
  );
}

export function TicketPane() {
  const ticket = store.ticket.value;
  if (!ticket) return <NotThere />;
  return (
    <section class="pane ticket-pane" aria-label={`Tiket ${ticket.number}`} data-testid="ticket">
      <Header ticket={ticket} />
      <Tabs ticket={ticket} />
      <div class="scroll ticket-panel" id="ticket-panel" role="tabpanel" tabIndex={0} aria-labelledby={`tab-${store.tab.value}`} key={ticket.number + store.tab.value}>
        <Panel ticket={ticket} />
      </div>
    </section>
  );
}
