import { useSignal } from "@preact/signals";
import { useKept } from "../../shared/kept";
import { FormFields, Needed, readForm } from "../fields";
import type { Ticket } from "../shapes";
import * as store from "../store";
import { Told } from "../told";
import { AskTicket } from "./ask_ticket";

/** The end of a ticket: solved in the system, or by Berita Acara with its form. */
export function SolveDialog({ ticket }: { ticket: Ticket }) {
  const kept = useKept(store.keptAt(`${ticket.number}:solve`));
  const how = useSignal(kept.value("how") === "berita_acara" ? "berita_acara" : "system");
  const text = useSignal(kept.value("resolution") ?? "");
  const form = how.value === "berita_acara" ? store.options.value?.forms.berita_acara : undefined;
  const begun = {
    outlet: ticket.outlet?.id ?? "",
    petugas: store.me.value?.user.name ?? "",
    nasabah: ticket.customer?.name ?? "",
    masalah: ticket.summary,
    ...Object.fromEntries((form?.fields ?? []).flatMap(({ id }) => (kept.value(`form.${id}`) ? [[id, kept.value(`form.${id}`)!]] : []))),
  };
  return (
    <AskTicket
      action="solve"
      title={`Selesaikan ${ticket.number}`}
      submitLabel="Selesaikan"
      done={`Tiket ${ticket.number} diselesaikan.`}
      wide={how.value === "berita_acara"}
      body={(data) => ({ how: how.value, resolution: String(data.get("resolution") ?? "").trim(), form: form ? readForm(form, data) : null })}
    >
      <fieldset class="radios inline">
        <legend>Cara penyelesaian</legend>
        {[
          ["system", "Melalui sistem"],
          ["berita_acara", "Dengan Berita Acara"],
        ].map(([id, label]) => (
          <label key={id}>
            <input type="radio" name="how" value={id} checked={how.value === id} onChange={() => (how.value = id!)} /> {label}
          </label>
        ))}
      </fieldset>
      <label class="field-label">
        <span>
          Penyelesaian (dibaca nasabah)
          <Needed />
        </span>
        <textarea name="resolution" class="field to-customer" rows={3} required maxLength={2000} onInput={(event) => (text.value = event.currentTarget.value)} />
      </label>
      <Told ticket={ticket} notice="solved" text={text.value.trim()} />
      {form ? <FormFields form={form} values={begun} /> : null}
    </AskTicket>
  );
}
