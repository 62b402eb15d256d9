import type { Filter } from "../store";
import * as store from "../store";
import { lookAt } from "../loading";

/** The boxes beside the list: whose tickets, with how many are open, not accepted yet, late. */

/** Whether the list shows this box, and nothing narrower. */
function isShown(filter: Filter): boolean {
  const now = store.filter.value;
  const wanted: Filter = { ...store.START, box: "all", ...filter };
  const keys = new Set([...Object.keys(now), ...Object.keys(wanted)]);
  return [...keys].every((key) => key === "sort" || key === "q" || (now[key] ?? "") === (wanted[key] ?? ""));
}

interface BoxProps {
  label: string;
  filter: Filter;
  count?: number;
  waiting?: number;
  late?: number;
}

function Box({ label, filter, count, waiting = 0, late = 0 }: BoxProps) {
  return (
    <li>
      <button type="button" class="box" aria-current={isShown(filter) ? "true" : undefined} onClick={() => lookAt(filter)}>
        <span class="box-label">{label}</span>
        {waiting > 0 || late > 0 ? (
          <span class="box-marks">
            {waiting > 0 ? (
              <span class="chip warn" title="Belum diterima">
                {waiting} <span class="visually-hidden">belum diterima</span>
                <span aria-hidden="true">masuk</span>
              </span>
            ) : null}
            {late > 0 ? (
              <span class="chip bad" title="Terlambat">
                {late} <span class="visually-hidden">terlambat</span>
                <span aria-hidden="true">telat</span>
              </span>
            ) : null}
          </span>
        ) : null}
        {count === undefined ? null : <span class="box-count">{count}</span>}
      </button>
    </li>
  );
}

function Units() {
  const counts = store.counts.value?.units ?? {};
  const own = store.ownUnit.value;
  const units = (store.options.value?.units ?? []).filter((each) => each.id in counts);
  const sorted = [...units.filter((each) => each.id === own), ...units.filter((each) => each.id !== own)];
  if (sorted.length === 0) return null;
  return (
    <>
      <h2>Unit</h2>
      <ul class="plain">
        {sorted.map(({ id, label }) => {
          const count = counts[id]!;
          return <Box key={id} label={label} filter={{ box: "unit", unit: id }} count={count.open} waiting={count.waiting} late={count.late} />;
        })}
      </ul>
    </>
  );
}

function Views() {
  const views = store.views.value;
  if (views.length === 0) return null;
  return (
    <>
      <h2>Tampilan tersimpan</h2>
      <ul class="plain">
        {views.map((view) => (
          <Box key={view.id} label={view.title} filter={view.filter} />
        ))}
      </ul>
    </>
  );
}

export function Boxes() {
  const counts = store.counts.value;
  return (
    <nav class="boxes scroll" aria-label="Kotak">
      <ul class="plain">
        {store.isDivision.value ? null : (
          <>
            <Box label="Tiket saya" filter={{ box: "mine" }} count={counts?.mine} />
            <Box label="Hubungi kembali" filter={{ box: "calls" }} count={counts?.calls} />
          </>
        )}
        <Box label="Semua" filter={{ box: "all" }} late={counts?.late} />
      </ul>
      <Units />
      <Views />
    </nav>
  );
}
