import { useRef } from "preact/hooks";
import { useKept } from "../../shared/kept";
import { newId } from "../../shared/storage";
import { Catalogue, Choose } from "../fields";
import { open } from "../loading";
import type { Ticket } from "../shapes";
import * as store from "../store";
import { AskTicket } from "./ask_ticket";

/** Tickets that belong together: one merged into another, one split off, two linked. */

function TicketNumber({ name, label }: { name: string; label: string }) {
  return (
    <label class="field-label">
      {label}
      <input name={name} class="field" required maxLength={30} autocomplete="off" autocapitalize="characters" placeholder="ARIA-260001" autofocus />
    </label>
  );
}

const numberIn = (data: FormData, name: string) => String(data.get(name) ?? "").trim().toUpperCase();

export function MergeDialog({ ticket }: { ticket: Ticket }) {
  return (
    <AskTicket action="merge" title={`Gabungkan ${ticket.number}`} submitLabel="Gabungkan" done={`Tiket ${ticket.number} digabungkan.`} body={(data) => ({ into: numberIn(data, "into") })}>
      <p class="card-text">Tiket ini ditutup; catatan dan berkasnya tetap terbaca dari tiket tujuan.</p>
      <TicketNumber name="into" label="Gabungkan ke nomor" />
    </AskTicket>
  );
}

export function LinkDialog({ ticket }: { ticket: Ticket }) {
  return (
    <AskTicket action="link" title={`Tautkan ${ticket.number}`} submitLabel="Tautkan" done="Tiket ditautkan." body={(data) => ({ other: numberIn(data, "other"), remove: false })}>
      <TicketNumber name="other" label="Nomor tiket terkait" />
    </AskTicket>
  );
}

export function SplitDialog({ ticket }: { ticket: Ticket }) {
  const options = store.options.value;
  const id = useRef(newId());
  const kept = useKept(store.keptAt(`${ticket.number}:split`));
  const topic = typeof ticket.topic === "string" ? ticket.topic : ticket.topic?.id;
  return (
    <AskTicket
      action="split"
      title={`Pisahkan dari ${ticket.number}`}
      submitLabel="Buat tiket terpisah"
      done="Tiket terpisah dibuat."
      wide
      after={(made) => open(made.number)}
      body={(data) => {
        const said = (name: string) => String(data.get(name) ?? "").trim();
        const about = { product: said("product") || null, category: said("category") || null, sub_category: said("sub_category") || null };
        return { client_id: id.current, topic: said("topic"), summary: said("summary"), detail: said("detail"), priority: said("priority"), ...about };
      }}
    >
      <label class="field-label">
        Ringkasan
        <input name="summary" class="field" required maxLength={200} autocomplete="off" autofocus />
      </label>
      <label class="field-label">
        Uraian
        <textarea name="detail" class="field" rows={4} required />
      </label>
      <div class="field-pair">
        <Choose name="topic" label="Topik" items={options?.topics ?? []} chosen={topic} required empty="Pilih topik…" />
        <Choose name="priority" label="Prioritas" items={options?.priorities ?? []} chosen={ticket.priority.id} />
      </div>
      <Catalogue product={kept.value("product") ?? ""} category={kept.value("category") ?? ""} sub={kept.value("sub_category") ?? ""} />
    </AskTicket>
  );
}
