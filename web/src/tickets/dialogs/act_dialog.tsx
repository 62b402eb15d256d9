import { useSignal } from "@preact/signals";
import { useKept } from "../../shared/kept";
import type { Action } from "../actions";
import { Choose, Needed } from "../fields";
import type { Ticket } from "../shapes";
import * as store from "../store";
import { Told } from "../told";
import { AskTicket } from "./ask_ticket";

/** The dialog of an action: where to, why, and a note, as far as it asks for them. */

function To({ ticket }: { ticket: Ticket }) {
  const units = (store.options.value?.units ?? []).filter((each) => each.id !== ticket.unit.id);
  return <Choose name="to" label="Unit tujuan" items={units} required empty="Pilih unit…" />;
}

function Person({ ticket }: { ticket: Ticket }) {
  const people = store.options.value?.people ?? [];
  const here = people.filter((each) => each.unit === ticket.unit.id);
  const me = store.me.value?.user.id;
  const sorted = [...here.filter((each) => each.id === me), ...here.filter((each) => each.id !== me)];
  return (
    <Choose
      name="to"
      label={`Petugas ${ticket.unit.label}`}
      items={sorted.map(({ id, name }) => ({ id, label: id === me ? `${name} (saya)` : name }))}
      chosen={ticket.assignee?.id ?? me}
      empty="Tanpa petugas"
    />
  );
}

export function ActDialog({ action, ticket }: { action: Action; ticket: Ticket }) {
  const kept = useKept(store.keptAt(`${ticket.number}:${action.id}`));
  const text = useSignal(kept.value("note") ?? "");
  const reasons = store.options.value && action.reasons?.(store.options.value);
  const note = action.note;
  return (
    <AskTicket
      action={action.id}
      title={`${action.label} ${ticket.number}`}
      submitLabel={action.submit ?? action.label}
      done={`Tiket ${ticket.number} ${action.done}.`}
      body={(data) => {
        const said = (name: string) => String(data.get(name) ?? "").trim();
        return {
          ...(action.id === "dispatch" ? { to: said("to") } : {}),
          ...(action.id === "assign" ? { to: said("to") || null } : {}),
          ...(reasons ? { reason: said("reason") } : {}),
          ...(note ? { note: said("note") } : {}),
        };
      }}
    >
      {action.id === "dispatch" ? <To ticket={ticket} /> : null}
      {action.id === "assign" ? <Person ticket={ticket} /> : null}
      {action.id === "return" ? <p class="card-text">Kembali ke {(ticket.returns_to ?? ticket.hops.at(-1)?.from)?.label ?? "unit asal"}.</p> : null}
      {reasons ? <Choose name="reason" label="Alasan" items={reasons} required empty="Pilih alasan…" /> : null}
      {note ? (
        <label class="field-label">
          <span>
            {note.label}
            {note.required ? <Needed /> : null}
          </span>
          <textarea
            name="note"
            class={`field ${note.told ? "to-customer" : ""}`}
            rows={3}
            required={note.required}
            maxLength={2000}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
      ) : null}
      {note?.told ? <Told ticket={ticket} notice={note.told} text={text.value.trim()} /> : null}
    </AskTicket>
  );
}
