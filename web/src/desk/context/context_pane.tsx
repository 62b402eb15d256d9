import { BackIcon } from "../../shared/icons";
import type { Card, Summary } from "../shapes";
import { moveBetweenTabs } from "../tab_keys";
import * as desk from "../store";
import { Customer } from "./customer";
import { Handover } from "./handover";
import { History } from "./journey";
import { Notes } from "./notes";
import { Reservations } from "./reservations";
import { Tickets } from "./ticket_list";

/** The right pane: what an agent should know without reading everything. */

const TABS: { tab: desk.ContextTab; label: string }[] = [
  { tab: "procedure", label: "Prosedur" },
  { tab: "customer", label: "Nasabah" },
  { tab: "tickets", label: "Tiket" },
  { tab: "history", label: "Riwayat" },
  { tab: "notes", label: "Catatan" },
];

function Tabs({ card }: { card: Card }) {
  const count = { tickets: card.tickets?.length ?? 0, notes: desk.thread.value.filter((each) => each.note).length } as Partial<Record<desk.ContextTab, number>>;
  return (
    <div class="tabs small" role="tablist" aria-label="Rincian" onKeyDown={moveBetweenTabs}>
      {TABS.map(({ tab, label }) => (
        <button
          type="button"
          key={tab}
          role="tab"
          id={`context-${tab}`}
          aria-selected={desk.contextTab.value === tab}
          aria-controls="context-panel"
          tabIndex={desk.contextTab.value === tab ? 0 : -1}
          onClick={() => (desk.contextTab.value = tab)}
        >
          {label}
          {count[tab] ? <span class="tab-dot">{count[tab]}</span> : null}
        </button>
      ))}
    </div>
  );
}

function Panel({ summary, card }: { summary: Summary; card: Card }) {
  switch (desk.contextTab.value) {
    case "customer":
      return <Customer summary={summary} card={card} />;
    case "tickets":
      return (
        <>
          <Tickets tickets={card.tickets ?? []} locked={card.locked?.tickets ?? 0} />
          <Reservations reservations={card.reservations ?? []} locked={card.locked?.reservations ?? 0} />
        </>
      );
    case "history":
      return <History summary={summary} card={card} />;
    case "notes":
      return <Notes />;
    default:
      return <Handover summary={summary} card={card} />;
  }
}

export function ContextPane() {
  const card = desk.card.value;
  const summary = desk.opened.value;
  const ready = card !== null && summary !== null;
  return (
    <section class="pane card-pane" aria-label="Kartu nasabah">
      <div class="card-head only-narrow">
        <button type="button" class="icon-button" aria-label="Kembali ke percakapan" onClick={() => (desk.pane.value = "thread")}>
          <BackIcon />
        </button>
        <h2>Kartu nasabah</h2>
      </div>
      {ready ? <Tabs card={card} /> : null}
      {ready ? (
        <div class="scroll" id="context-panel" role="tabpanel" tabIndex={0} aria-labelledby={`context-${desk.contextTab.value}`}>
          <Panel summary={summary} card={card} />
        </div>
      ) : (
        <p class="empty">Rincian nasabah tampil di sini.</p>
      )}
    </section>
  );
}
