import { ACTIONS, begin } from "./actions";
import { tick, tickNone } from "./list/ticking";
import { loadMore, look, open } from "./loading";
import * as store from "./store";
import { editing } from "./ticket/editing";
import { tabsOf } from "./ticket/ticket_pane";

/** Shortcuts of one key: silent in text fields and dialogs, and off altogether when the user says so (WCAG 2.1.4). */

export const SHORTCUTS: [string, string][] = [
  ["j", "Tiket berikutnya"],
  ["k", "Tiket sebelumnya"],
  ["x", "Pilih tiket ini"],
  ["/", "Cari tiket"],
  ["f", "Saring daftar"],
  ["b", "Tiket baru"],
  ["1 … 9", "Bagian tiket"],
  ["n", "Tulis catatan"],
  ["u", "Ubah uraian"],
  ["Ctrl+Enter", "Simpan tulisan"],
  ["Esc", "Keluar dari kolom, dialog, atau tiket"],
  ["?", "Bantuan ini"],
];

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) || (target instanceof HTMLInputElement && target.type !== "checkbox"));
}

/** The row the keys are about: the open ticket's, or that with the focus. */
function current(): number {
  const rows = store.rows.value;
  const focused = document.activeElement?.closest<HTMLElement>(".row")?.querySelector<HTMLAnchorElement>(".row-link")?.hash.slice(1);
  const number = focused ?? store.openNumber.value;
  return rows.findIndex((each) => each.number === number);
}

function move(step: 1 | -1): true {
  const rows = store.rows.value;
  const at = current();
  const to = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  const row = rows[to];
  if (!row) {
    if (to >= rows.length && store.next.value) void loadMore();
    return true;
  }
  const element = document.querySelector<HTMLAnchorElement>(`.row-link[href="#${CSS.escape(row.number)}"]`);
  element?.focus();
  element?.scrollIntoView({ block: "nearest" });
  if (store.openNumber.value) open(row.number);
  return true;
}

function tickCurrent(): boolean {
  const at = current();
  const row = store.rows.value[at];
  if (row) tick(at, !store.ticked.value.has(row.number), false);
  return row !== undefined;
}

/** Turns to a tab and, where something is to be written, to its field. */
function turn(tab: store.Tab, field?: string): boolean {
  if (!store.ticket.value) return false;
  store.tab.value = tab;
  if (field) requestAnimationFrame(() => document.getElementById(field)?.focus());
  return true;
}

function single(key: string): boolean {
  const ticket = store.ticket.value;
  const digit = /^[1-9]$/.test(key) && ticket ? tabsOf(ticket)[Number(key) - 1] : undefined;
  if (digit) return turn(digit);
  const action = ACTIONS.find((each) => each.key === key);
  if (action) {
    if (!ticket || !store.may(action.id)) return false;
    void begin(action);
    return true;
  }
  switch (key) {
    case "j":
      return move(1);
    case "k":
      return move(-1);
    case "x":
      return tickCurrent();
    case "n":
      return turn("notes", "note-text");
    case "u":
      if (store.may("edit")) editing.value = turn("detail");
      return store.may("edit");
    case "f":
      store.filtersShown.value = !store.filtersShown.value;
      return true;
    case "b":
      if (!store.isDivision.value) store.dialog.value = "new";
      return true;
    case "/":
      document.getElementById("search")?.focus();
      return true;
    case "?":
      store.dialog.value = "help";
      return true;
    default:
      return false;
  }
}

function escape(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && target.id === "search") {
    if (store.filter.value.q) look({ q: "" });
    target.value = "";
    target.blur();
    return true;
  }
  if (isField(target)) {
    (target as HTMLElement).blur();
    return true;
  }
  if (store.ticked.value.size > 0) tickNone();
  else if (store.openNumber.value) {
    const number = store.openNumber.value;
    open(null);
    requestAnimationFrame(() => document.querySelector<HTMLAnchorElement>(`.row-link[href="#${CSS.escape(number)}"]`)?.focus());
  } else return false;
  return true;
}

/** Begins to listen to the keyboard. */
export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (!store.entered.value || store.dialog.value || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = event.key === "Escape" ? escape(event.target) : store.singleKeys.value && !isField(event.target) && single(event.key);
    if (done) event.preventDefault();
  });
}
