import { useSignal } from "@preact/signals";
import { Ask } from "../../shared/ask";
import { DeskError } from "../../desk/api";
import { changeMany, type Done } from "../changing";
import { Choose } from "../fields";
import * as store from "../store";
import { closeDialog } from "./ask_ticket";

/** One change for every ticked ticket; those refused are told, one by one. */

const TITLE: Record<string, string> = { accept: "Terima", assign: "Tugaskan", dispatch: "Teruskan", priority: "Ubah prioritas", note: "Tulis catatan internal" };

function Refused({ refused }: { refused: Done["refused"] }) {
  if (refused.length === 0) return null;
  return (
    <div class="missing" role="status">
      <p>
        <strong>Tidak dapat diubah:</strong>
      </p>
      <ul>
        {refused.slice(0, 20).map((each) => (
          <li key={each.number}>
            {each.number}: {each.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function BulkDialog({ what }: { what: string }) {
  const options = store.options.value;
  const refused = useSignal<Done["refused"]>([]);
  const count = store.ticked.value.size;
  const me = store.me.value?.user.id;
  return (
    <Ask
      title={`${TITLE[what]} ${count} tiket`}
      submitLabel={TITLE[what] ?? "Simpan"}
      onClose={closeDialog}
      over={count === 0}
      onSubmit={async (data) => {
        const said = (name: string) => String(data.get(name) ?? "").trim();
        const needed: Record<string, Record<string, unknown>> = {
          accept: {},
          assign: { to: said("to") || null },
          dispatch: { to: said("to"), reason: said("reason"), note: said("note") },
          priority: { priority: said("priority") },
          note: { note: said("note") },
        };
        const answer = await changeMany({ do: what, ...needed[what] });
        refused.value = answer.refused;
        if (answer.refused.length > 0) throw new DeskError(409, "refused", `${answer.done.length} tiket diubah, ${answer.refused.length} tidak.`);
        store.say(`${answer.done.length} tiket diubah.`);
      }}
    >
      {what === "assign" ? (
        <Choose name="to" label="Petugas" items={(options?.people ?? []).map(({ id, name }) => ({ id, label: id === me ? `${name} (saya)` : name }))} chosen={me} empty="Tanpa petugas" />
      ) : null}
      {what === "dispatch" ? (
        <>
          <Choose name="to" label="Unit tujuan" items={options?.units ?? []} required empty="Pilih unit…" />
          <Choose name="reason" label="Alasan" items={options?.dispatch_reasons ?? []} required empty="Pilih alasan…" />
        </>
      ) : null}
      {what === "priority" ? <Choose name="priority" label="Prioritas" items={options?.priorities ?? []} chosen="normal" /> : null}
      {what === "note" || what === "dispatch" ? (
        <label class="field-label">
          Catatan
          <textarea name="note" class="field" rows={3} required={what === "note"} maxLength={2000} />
        </label>
      ) : null}
      {what === "accept" ? <p class="card-text">Tiket yang terpilih diterima di unitnya masing-masing.</p> : null}
      <Refused refused={refused.value} />
    </Ask>
  );
}
