import { batch } from "@preact/signals";
import { ask, call, DeskError, sentence } from "../desk/api";
import type { Alert, Counts, ListAnswer, Options, Row, Ticket, View } from "./shapes";
import * as store from "./store";

/** Fetches what the page shows: the boxes, the list, one ticket, alerts. */

export const TICKETS = "/api/desk/tickets";
const AT_ONCE = 200;

/** The path of one ticket's resource. */
export function ticketPath(number: string, rest = ""): string {
  return `${TICKETS}/${encodeURIComponent(number)}${rest}`;
}

/** The filter as a query, without what is empty. */
export function queryOf(filter: store.Filter): URLSearchParams {
  return new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
}

function page(filter: store.Filter, after: string | null): Promise<ListAnswer> {
  const query = queryOf(filter);
  if (after) query.set("after", after);
  return call<ListAnswer>("GET", `${TICKETS}?${query}`);
}

let asked = 0;

/** Loads the list anew, as far as it is on the screen. With `fresh` from its beginning. */
export async function loadList(fresh = false): Promise<void> {
  const mine = ++asked;
  const filter = store.filter.value;
  const wanted = fresh ? 1 : Math.min(store.rows.value.length, AT_ONCE);
  if (fresh) store.listState.value = "loading";
  try {
    let answer = await page(filter, null);
    let rows = answer.tickets;
    while (rows.length < wanted && answer.next && mine === asked) {
      answer = await page(filter, answer.next);
      rows = [...rows, ...answer.tickets];
    }
    if (mine === asked) show(rows, answer);
  } catch {
    if (mine === asked && (fresh || store.rows.value.length === 0)) store.listState.value = "failed";
  }
}

function show(rows: Row[], answer: ListAnswer): void {
  const there = new Set(rows.map((each) => each.number));
  batch(() => {
    store.rows.value = rows;
    store.next.value = answer.next;
    store.total.value = { count: answer.total, more: answer.more };
    store.listState.value = "ready";
    store.ticked.value = new Set([...store.ticked.value].filter((each) => there.has(each)));
  });
}

/** Adds the next page to the list. */
export async function loadMore(): Promise<void> {
  const after = store.next.value;
  const mine = asked;
  if (!after) return;
  try {
    const answer = await page(store.filter.value, after);
    if (mine !== asked) return;
    const known = new Set(store.rows.value.map((each) => each.number));
    show([...store.rows.value, ...answer.tickets.filter((each) => !known.has(each.number))], answer);
  } catch (error) {
    store.say(sentence(error), "error");
  }
}

/** Looks at another part of the tickets. */
export function look(change: store.Filter): void {
  store.filter.value = { ...store.filter.value, ...change };
  store.ticked.value = new Set();
  void loadList(true);
}

/** Looks at a box, or a saved view, from its beginning. */
export function lookAt(filter: store.Filter): void {
  store.filter.value = { ...store.START, box: "all", ...filter };
  store.ticked.value = new Set();
  void loadList(true);
}

export async function loadCounts(): Promise<void> {
  store.counts.value = (await ask<Counts>(`${TICKETS}/counts`)) ?? store.counts.value;
}

export async function loadViews(): Promise<void> {
  store.views.value = (await ask<{ views: View[] }>(`${TICKETS}/views`))?.views ?? store.views.value;
}

export async function loadAlerts(): Promise<void> {
  store.alerts.value = (await ask<{ alerts: Alert[] }>(`${TICKETS}/alerts`))?.alerts ?? store.alerts.value;
}

export async function loadOptions(): Promise<void> {
  store.options.value = (await ask<Options>(`${TICKETS}/options`)) ?? store.options.value;
}

let wanted = 0;

/** Loads the open ticket anew. What is typed on the page is not touched. */
export async function loadTicket(): Promise<void> {
  const number = store.openNumber.value;
  const mine = ++wanted;
  if (!number) return;
  try {
    const { ticket } = await call<{ ticket: Ticket }>("GET", ticketPath(number));
    if (mine === wanted) put(ticket);
  } catch (error) {
    if (mine !== wanted) return;
    const gone = error instanceof DeskError && (error.status === 403 || error.status === 404);
    if (!gone && store.ticket.value) return; // the next frame or gap brings it
    batch(() => {
      store.ticketState.value = "failed";
      store.ticketError.value = sentence(error);
      store.ticket.value = null;
    });
  }
}

/** Takes in a ticket as the service has it now. */
export function put(ticket: Ticket): void {
  batch(() => {
    store.rows.value = store.rows.value.map((each) => (each.number === ticket.number ? { ...each, ...rowOf(ticket) } : each));
    if (store.openNumber.value !== ticket.number) return;
    if (store.ticket.value?.number === ticket.number && store.ticket.value.version > ticket.version) return;
    store.ticket.value = ticket;
    store.ticketState.value = "ready";
  });
}

function rowOf(ticket: Ticket): Partial<Row> {
  const { summary, priority, status, unit, accepted, assignee, due_at, hop_due_at, paused, version } = ticket;
  return { summary, priority, status, unit, accepted, assignee, due_at, hop_due_at, paused, version };
}

/** Shows a ticket; the address says which. */
export function open(number: string | null): void {
  const hash = number ? `#${number}` : "";
  if (location.hash !== hash) history.pushState(null, "", hash || location.pathname);
  follow();
}

/** Shows what the address says. */
export function follow(): void {
  const number = decodeURIComponent(location.hash.slice(1)) || null;
  if (number === store.openNumber.value) return;
  batch(() => {
    store.openNumber.value = number;
    store.ticket.value = null;
    store.ticketState.value = number ? "loading" : "none";
    store.tab.value = "detail";
    store.dialog.value = null;
  });
  void loadTicket();
}

let timer: number | undefined;

/** Loads list and boxes soon; many reasons in a short time make one load. */
export function loadSoon(): void {
  if (timer !== undefined) return;
  timer = window.setTimeout(() => {
    timer = undefined;
    void loadList();
    void loadCounts();
  }, 700);
}

/** Everything on the screen, after a gap. */
export function reload(): void {
  void loadOptions(); // people and catalogue may have changed meanwhile
  void loadList();
  void loadCounts();
  void loadViews();
  void loadAlerts();
  void loadTicket();
}
