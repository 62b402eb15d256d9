import * as store from "../store";

/** Ticking tickets for a change of many. */

let last: number | null = null;

/** Ticks a row, with `through` every row since the one ticked before. */
export function tick(at: number, on: boolean, through: boolean): void {
  const rows = store.rows.value;
  const from = through && last !== null ? last : at;
  const next = new Set(store.ticked.value);
  for (const row of rows.slice(Math.min(from, at), Math.max(from, at) + 1)) {
    if (on) next.add(row.number);
    else next.delete(row.number);
  }
  last = at;
  store.ticked.value = next;
}

export function tickAll(): void {
  store.ticked.value = new Set(store.rows.value.slice(0, 200).map((each) => each.number));
}

export function tickNone(): void {
  last = null;
  store.ticked.value = new Set();
}
