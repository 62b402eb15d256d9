import type { Named } from "../../desk/shapes";
import { CloseIcon } from "../../shared/icons";
import { shortDay } from "../../shared/time";
import { look } from "../loading";
import * as store from "../store";

/** What narrows the list: chosen in a panel, shown as chips that can be taken away. */

const LATE: Named[] = [
  { id: "soon", label: "Segera jatuh tempo" },
  { id: "hop", label: "Terlambat di unit" },
  { id: "overall", label: "Terlambat keseluruhan" },
];
const OPEN: Named[] = [
  { id: "1", label: "Terbuka" },
  { id: "0", label: "Selesai" },
];

interface Kind {
  key: string;
  label: string;
  items: Named[];
  any?: string;
}

function kinds(): Kind[] {
  const options = store.options.value;
  const { product } = store.filter.value;
  const catalogue = options?.catalogue ?? [];
  const categories = catalogue.find((each) => each.product === product)?.categories ?? [];
  return [
    { key: "open", label: "Keadaan", items: OPEN, any: "Terbuka dan selesai" },
    { key: "status", label: "Status", items: options?.statuses ?? [] },
    { key: "kind", label: "Jenis", items: options?.kinds ?? [] },
    { key: "priority", label: "Prioritas", items: options?.priorities ?? [] },
    { key: "unit", label: "Unit", items: options?.units ?? [] },
    { key: "assignee", label: "Petugas", items: (options?.people ?? []).map(({ id, name }) => ({ id, label: name })) },
    { key: "topic", label: "Topik", items: options?.topics ?? [] },
    { key: "product", label: "Produk", items: catalogue.map((each) => ({ id: each.product, label: each.product })) },
    { key: "category", label: "Kategori", items: categories },
    { key: "outlet", label: "Outlet", items: options?.outlets ?? [] },
    { key: "late", label: "Keterlambatan", items: LATE },
  ];
}

function narrow(key: string, value: string): void {
  look({ [key]: value, ...(key === "product" ? { category: "" } : {}), ...(key === "status" ? { open: value ? "" : "1" } : {}), ...(key === "unit" && !value && store.filter.value.box === "unit" ? { box: "all" } : {}) });
}

function Panel() {
  const filter = store.filter.value;
  return (
    <div id="filters" class="filters" role="group" aria-label="Saring daftar">
      {kinds().map(({ key, label, items, any }) => (
        <label class="field-label compact" key={key}>
          {label}
          <select class="field" value={filter[key] ?? ""} disabled={items.length === 0} onChange={(event) => narrow(key, event.currentTarget.value)}>
            <option value="">{any ?? "Semua"}</option>
            {items.map((each) => (
              <option key={each.id} value={each.id}>
                {each.label}
              </option>
            ))}
          </select>
        </label>
      ))}
      {(["from", "to"] as const).map((key) => (
        <label class="field-label compact" key={key}>
          {key === "from" ? "Dibuat sejak" : "Dibuat sampai"}
          <input type="date" class="field" value={filter[key] ?? ""} onChange={(event) => narrow(key, event.currentTarget.value)} />
        </label>
      ))}
    </div>
  );
}

function Chips() {
  const filter = store.filter.value;
  const chosen = kinds()
    .filter(({ key }) => filter[key] && !(key === "open" && filter[key] === "1"))
    .map(({ key, label, items }) => ({ key, text: `${label}: ${items.find((each) => each.id === filter[key])?.label ?? filter[key]}` }));
  for (const key of ["from", "to"] as const) if (filter[key]) chosen.push({ key, text: `${key === "from" ? "Sejak" : "Sampai"} ${shortDay(filter[key]!)}` });
  if (filter.q) chosen.push({ key: "q", text: `Cari: ${filter.q}` });
  if (chosen.length === 0) return null;
  return (
    <div class="chosen">
      {chosen.map(({ key, text }) => (
        <span class="chip chosen-chip" key={key}>
          {text}
          <button type="button" aria-label={`Hapus saringan ${text}`} onClick={() => narrow(key, key === "open" ? "1" : "")}>
            <CloseIcon />
          </button>
        </span>
      ))}
      <button type="button" class="link" aria-haspopup="dialog" onClick={() => (store.dialog.value = "view")}>
        Simpan tampilan
      </button>
    </div>
  );
}

export function Filters() {
  return (
    <>
      {store.filtersShown.value ? <Panel /> : null}
      <Chips />
    </>
  );
}
