import * as store from "../store";
import { tickAll, tickNone } from "./ticking";

const DO: [string, string][] = [
  ["accept", "Terima"],
  ["assign", "Tugaskan"],
  ["dispatch", "Teruskan"],
  ["priority", "Prioritas"],
  ["note", "Catatan"],
];

/** The bar for a change of every ticked ticket. */
export function Bulk() {
  const count = store.ticked.value.size;
  if (count === 0) return null;
  return (
    <div class="bulk" role="toolbar" aria-label="Tindakan untuk tiket terpilih">
      <strong role="status">{count} dipilih</strong>
      {DO.map(([id, label]) => (
        <button type="button" key={id} class="button small" aria-haspopup="dialog" onClick={() => (store.dialog.value = `bulk-${id}`)}>
          {label}
        </button>
      ))}
      <span class="fill" />
      {count < Math.min(200, store.rows.value.length) ? (
        <button type="button" class="link" onClick={tickAll}>
          Pilih semua
        </button>
      ) : null}
      <button type="button" class="link" onClick={tickNone}>
        Batal pilih
      </button>
    </div>
  );
}
