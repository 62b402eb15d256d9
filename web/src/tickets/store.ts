import { computed, signal } from "@preact/signals";
import { load, save } from "../shared/storage";
import { toaster } from "../shared/toast";
import type { Alert, Counts, Me, Options, Row, Ticket, View } from "./shapes";

/** The state of the page for tickets as signals; no call is made here. */

export { now, setServerTime } from "../shared/server_clock";
export const { toast, say } = toaster();

export const me = signal<Me | null>(null);
/** null: not known yet whether somebody is logged in. */
export const entered = signal<boolean | null>(null);
export const options = signal<Options | null>(null);
export const link = signal<"connecting" | "ready" | "lost">("connecting");

/** The query of the list, as the service reads it. */
export type Filter = Record<string, string>;
export const START: Filter = { box: "mine", open: "1", sort: "due" };

export const filter = signal<Filter>(START);
export const counts = signal<Counts | null>(null);
export const views = signal<View[]>([]);
export const rows = signal<Row[]>([]);
export const next = signal<string | null>(null);
export const total = signal<{ count: number; more: boolean }>({ count: 0, more: false });
export const listState = signal<"loading" | "ready" | "failed">("loading");
export const filtersShown = signal(false);

/** Numbers ticked for a change of many. */
export const ticked = signal<Set<string>>(new Set());

export const openNumber = signal<string | null>(null);
export const ticket = signal<Ticket | null>(null);
export const ticketState = signal<"none" | "loading" | "ready" | "failed">("none");
export const ticketError = signal("");

export type Tab = "detail" | "notes" | "journey" | "history" | "files" | "calls" | "links" | "form" | "case" | "monev";
export const tab = signal<Tab>("detail");

/** The dialog that is open: an action on the ticket, or one of the page's own. */
export const dialog = signal<string | null>(null);

export const alerts = signal<Alert[]>([]);
const seenAlerts = signal(load<string>("sapa:tickets:alerts") ?? "");

export function alertKey(alert: Alert): string {
  return [alert.ticket, alert.what, alert.scope, alert.due_at].join(" ");
}

/** Alerts nobody has looked at on this computer. */
export const unseen = computed(() => {
  const seen = new Set(seenAlerts.value.split("\n"));
  return alerts.value.filter((each) => !seen.has(alertKey(each))).length;
});

export function seeAlerts(): void {
  seenAlerts.value = alerts.value.map(alertKey).join("\n");
  save("sapa:tickets:alerts", seenAlerts.value);
}

export const singleKeys = signal(load<boolean>("sapa:desk:keys") ?? true);

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  save("sapa:desk:keys", on);
}

export const leads = computed(() => me.value?.user.role === "leader" || me.value?.user.role === "admin");
/** Sees only what is or was with their unit, and nothing of the desk. */
export const isDivision = computed(() => me.value?.user.role === "division");

/** The unit the user belongs to. */
export const ownUnit = computed(() => me.value?.team?.id ?? null);

/** Where what the user types is kept. */
export function keptAt(what: string): string {
  return `${me.value?.user.id ?? ""}:${what}`;
}

/** Whether the open ticket is the user's to change: theirs, their unit's, or as who leads. */
export const movable = computed(() => (ticket.value?.allowed.length ?? 0) > 0);

/** Whether the ticket may be changed so, now, by the user. A call to the customer may be recorded by who may move the ticket and speaks to customers. */
export function may(action: string): boolean {
  if (action === "edit") return movable.value;
  if (action === "calls") return movable.value && !isDivision.value;
  return ticket.value?.allowed.includes(action) ?? false;
}
