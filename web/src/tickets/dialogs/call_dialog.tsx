import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { useKept } from "../../shared/kept";
import { newId } from "../../shared/storage";
import { Choose } from "../fields";
import type { Ticket } from "../shapes";
import * as store from "../store";
import { AskTicket } from "./ask_ticket";

/** A call to the customer, with what came of it. */

const COMES: Record<string, string> = {
  solved: "Tiket ditutup sebagai selesai.",
  not_solved: "Tiket dilanjutkan, dengan catatan bahwa masalah belum selesai.",
};

export function CallDialog({ ticket }: { ticket: Ticket }) {
  const kept = useKept(store.keptAt(`${ticket.number}:calls`));
  const outcome = useSignal(kept.value("outcome") ?? "");
  const id = useRef(newId());
  const again = outcome.value !== "" && !(outcome.value in COMES);
  return (
    <AskTicket
      action="calls"
      title={`Catat panggilan ${ticket.number}`}
      submitLabel="Simpan panggilan"
      done="Panggilan dicatat."
      body={(data) => {
        const next = String(data.get("next_at") ?? "");
        return {
          client_id: id.current,
          outcome: outcome.value,
          note: String(data.get("note") ?? "").trim(),
          next_at: again && next ? new Date(`${next}:00+07:00`).toISOString() : null,
        };
      }}
    >
      {ticket.contact ? <p class="card-text">Nomor: {ticket.contact}</p> : null}
      <Choose
        name="outcome"
        label="Hasil panggilan"
        items={store.options.value?.call_outcomes ?? []}
        chosen={outcome.value}
        required
        empty="Pilih hasil…"
        onChange={(value) => (outcome.value = value)}
      />
      <div role="status">{outcome.value in COMES ? <p class="card-text">{COMES[outcome.value]}</p> : null}</div>
      {again ? (
        <label class="field-label">
          Hubungi kembali (WIB)
          <input name="next_at" type="datetime-local" class="field" />
        </label>
      ) : null}
      <label class="field-label">
        Catatan
        <textarea name="note" class="field" rows={3} maxLength={2000} />
      </label>
    </AskTicket>
  );
}
