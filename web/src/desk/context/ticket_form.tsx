import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { changeTicket, makeTicket, type TicketChange } from "../actions";
import { sentence } from "../api";
import { assist } from "../assist/store";
import { needOptions } from "../loading";
import type { Named, Ticket } from "../shapes";
import * as desk from "../store";

/** Making a ticket and changing one. */

const PRIORITIES: Named[] = [
  { id: "low", label: "Rendah" },
  { id: "normal", label: "Normal" },
  { id: "high", label: "Tinggi" },
  { id: "urgent", label: "Mendesak" },
];

/** The priorities to choose from, also before the options have come. */
export function priorities(): Named[] {
  const known = desk.options.value?.priorities;
  return known && known.length > 0 ? known : PRIORITIES;
}

interface ChooseProps {
  name: string;
  label: string;
  items: Named[];
  chosen?: string | null;
  required?: boolean;
}

function Choose({ name, label, items, chosen, required }: ChooseProps) {
  const id = useId();
  return (
    <div class="field-label">
      <label for={id}>{label}</label>
      <select id={id} name={name} class="field" required={required}>
        {items.map((each) => (
          <option key={each.id} value={each.id} selected={each.id === chosen}>
            {each.label}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FormProps {
  submitLabel: string;
  onCancel: () => void;
  onSubmit: (text: (name: string) => string) => Promise<void>;
  children: ComponentChildren;
}

function TicketForm({ submitLabel, onCancel, onSubmit, children }: FormProps) {
  const error = useSignal("");
  const busy = useSignal(false);
  useEffect(needOptions, []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    error.value = "";
    try {
      await onSubmit((name) => String(data.get(name) ?? "").trim());
    } catch (problem) {
      error.value = sentence(problem);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="ticket-form" onSubmit={submit}>
      {children}
      <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
      <div class="modal-buttons">
        <button type="button" class="button" onClick={onCancel}>
          Batal
        </button>
        <button type="submit" class="button primary" disabled={busy.value}>
          {submitLabel}
        </button>
      </div>
    </form>
  );
}

/** Text a ticket can begin with: what the half-filled form already holds. */
function startingDetail(): string {
  const form = desk.card.value?.form;
  return (form?.fields ?? []).map((field) => `${field.label}: ${String(field.value ?? "")}`).join("\n");
}

export function NewTicket({ id, onDone }: { id: string; onDone: () => void }) {
  const topics = desk.options.value?.topics ?? [];
  const products = desk.options.value?.products ?? [];
  const ready = assist.value?.prefill?.ticket;
  const topic = ready?.topic ?? desk.opened.value?.topic?.id ?? desk.card.value?.topic?.id;
  const unchosen = topic ? [] : [{ id: "", label: "Pilih topik…" }];
  return (
    <TicketForm
      submitLabel="Buat tiket"
      onCancel={onDone}
      onSubmit={async (text) => {
        await makeTicket(id, {
          topic: text("topic"),
          summary: text("summary"),
          detail: text("detail"),
          product: text("product") || null,
          priority: text("priority"),
        });
        onDone();
      }}
    >
      <Choose name="topic" label="Topik" items={[...unchosen, ...topics]} chosen={topic ?? ""} required />
      <label class="field-label">
        Ringkasan
        <input name="summary" class="field" required maxLength={200} autofocus defaultValue={ready?.summary ?? ""} />
      </label>
      <label class="field-label">
        Rincian
        <textarea name="detail" class="field" rows={5} required defaultValue={ready?.detail || startingDetail()} />
      </label>
      <div class="field-pair">
        <Choose name="product" label="Produk" items={[{ id: "", label: "–" }, ...products.map((each) => ({ id: each, label: each }))]} chosen={ready?.product} />
        <Choose name="priority" label="Prioritas" items={priorities()} chosen={ready?.priority ?? (desk.opened.value?.urgent ? "urgent" : "normal")} />
      </div>
    </TicketForm>
  );
}

// What is set from here; everything else of a ticket's way is on its own page.
const SETTABLE = ["in_progress", "waiting_customer", "solved"];

export function EditTicket({ ticket, onDone }: { ticket: Ticket; onDone: () => void }) {
  const statuses = (desk.options.value?.statuses ?? []).filter(({ id }) => SETTABLE.includes(id) || id === ticket.status.id);
  return (
    <TicketForm
      submitLabel="Simpan tiket"
      onCancel={onDone}
      onSubmit={async (text) => {
        const change: TicketChange = {};
        if (text("summary") !== ticket.summary) change.summary = text("summary");
        if (text("detail") !== ticket.detail) change.detail = text("detail");
        if (text("priority") !== ticket.priority.id) change.priority = text("priority");
        if (text("status") !== ticket.status.id) change.status = text("status");
        if (text("note")) change.note = text("note");
        if (Object.keys(change).length > 0) await changeTicket(ticket, change);
        onDone();
      }}
    >
      <label class="field-label">
        Ringkasan
        <input name="summary" class="field" required maxLength={200} defaultValue={ticket.summary} />
      </label>
      <label class="field-label">
        Rincian
        <textarea name="detail" class="field" rows={4} defaultValue={ticket.detail} />
      </label>
      <div class="field-pair">
        <Choose name="status" label="Status" items={statuses} chosen={ticket.status.id} />
        <Choose name="priority" label="Prioritas" items={priorities()} chosen={ticket.priority.id} />
      </div>
      <label class="field-label">
        Catatan tiket
        <textarea name="note" class="field" rows={2} />
      </label>
    </TicketForm>
  );
}
