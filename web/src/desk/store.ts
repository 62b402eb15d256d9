import { computed, signal } from "@preact/signals";
import type { Message } from "../shared/message";
import { load, save } from "../shared/storage";
import { toaster } from "../shared/toast";
import type { Procedure } from "./procedure/shapes";
import type { Box, Card, Me, Options, Summary, Viewer } from "./shapes";

export { now, setServerTime } from "../shared/server_clock";

/** The state of the desk as signals; no call is made here. */

export const me = signal<Me | null>(null);
/** null: not known yet whether somebody is logged in. */
export const loggedIn = signal<boolean | null>(null);
export const options = signal<Options | null>(null);
export const link = signal<"connecting" | "ready" | "lost">("connecting");

export const summaries = signal<Map<string, Summary>>(new Map());
export const allIds = signal<Set<string>>(new Set());
export const allCount = signal(0);
export const box = signal<Box>("queue");
export const query = signal("");

export const openId = signal<string | null>(null);
export const messages = signal<Map<string, Message>>(new Map());
export const card = signal<Card | null>(null);
export const procedure = signal<Procedure | null>(null);
/** Who else has the open conversation on the screen. */
export const viewers = signal<Viewer[]>([]);
export const threadState = signal<"none" | "loading" | "ready" | "failed">("none");
export const customerTyping = signal<string | null>(null);

export type ComposerTab = "reply" | "note" | "customer" | "agent";
export type ContextTab = "procedure" | "customer" | "tickets" | "history" | "notes";
export type DialogName = "return" | "close" | "help" | "ticket" | "transfer" | "contact" | "people" | "mentions" | "alerts" | "replies";

export const pane = signal<"list" | "thread" | "card">("list");
export const composerTab = signal<ComposerTab>("reply");
export const contextTab = signal<ContextTab>("procedure");
export const contextShown = signal(load<boolean>("sapa:desk:context") ?? true);
export const dialog = signal<DialogName | null>(null);
export const { toast, say } = toaster();

/** What the service has shown that it can do, by the frames it sent. */
export const knows = signal<Record<string, true>>({});

export const singleKeys = signal(load<boolean>("sapa:desk:keys") ?? true);

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  save("sapa:desk:keys", on);
}

/** Shows or hides the pane beside the conversation, and remembers it. */
export function showContext(on: boolean): void {
  contextShown.value = on;
  save("sapa:desk:context", on);
}

/** Turns to a tab of the pane beside the conversation. */
export function lookAt(tab: ContextTab): void {
  contextTab.value = tab;
  if (!contextShown.value) showContext(true);
  pane.value = "card";
}

/** Whether the user leads: may do what an agent may, for anybody's conversation. */
export const leads = computed(() => me.value?.user.role === "leader" || me.value?.user.role === "admin");

/** Works in a division: has tickets, and nothing else of the desk. */
export const isDivision = computed(() => me.value?.user.role === "division");

export function isMine(summary: Summary): boolean {
  return summary.owner === "agent" && summary.agent?.id === me.value?.user.id;
}

/** Closed by this agent, who still writes up. */
export function isWritingUp(summary: Summary): boolean {
  return summary.owner === "closed" && Boolean(summary.wrapup_until) && summary.agent?.id === me.value?.user.id;
}

/** Whether the user may hand over or end what a person serves. */
export function mayAct(summary: Summary): boolean {
  return isMine(summary) || (leads.value && (summary.owner === "agent" || summary.owner === "queue"));
}

/** Whether it is put before this agent now. */
export function isOfferedToMe(summary: Summary, at: number): boolean {
  return summary.owner === "queue" && summary.offer?.agent.id === me.value?.user.id && time(summary.offer?.expires_at ?? null) > at;
}

function time(iso: string | null): number {
  return iso ? Date.parse(iso) : 0;
}

function byQueue(a: Summary, b: Summary): number {
  return Number(b.urgent) - Number(a.urgent) || time(a.queued_at) - time(b.queued_at);
}

function byWaiting(a: Summary, b: Summary): number {
  if (a.waiting_since && b.waiting_since) return time(a.waiting_since) - time(b.waiting_since);
  if (a.waiting_since || b.waiting_since) return a.waiting_since ? -1 : 1;
  return time(b.last_at) - time(a.last_at);
}

function byLast(a: Summary, b: Summary): number {
  return time(b.last_at) - time(a.last_at);
}

export const queue = computed(() => [...summaries.value.values()].filter((each) => each.owner === "queue").sort(byQueue));
export const mine = computed(() => [...summaries.value.values()].filter((each) => isMine(each) || isWritingUp(each)).sort(byWaiting));
export const all = computed(() => [...summaries.value.values()].filter((each) => allIds.value.has(each.id)).sort(byLast));

/** The conversations of the chosen tab that match the search. */
export const listed = computed(() => {
  const source = { queue, mine, all }[box.value].value;
  const words = query.value.trim().toLowerCase();
  if (!words) return source;
  return source.filter((each) =>
    [each.customer.name, each.customer.handle, each.last_text, each.topic?.label, each.reason?.label, each.agent?.name]
      .join(" ")
      .toLowerCase()
      .includes(words),
  );
});

export const counts = computed<Record<Box, number>>(() => ({
  queue: queue.value.length,
  mine: mine.value.length,
  all: Math.max(allCount.value, all.value.length),
}));

export const opened = computed(() => (openId.value ? summaries.value.get(openId.value) ?? null : null));
export const thread = computed(() => [...messages.value.values()].sort((a, b) => a.seq - b.seq));

export function putSummaries(incoming: Summary[]): void {
  const next = new Map(summaries.value);
  for (const each of incoming) next.set(each.id, each);
  summaries.value = next;
}

/** Up to which seq nothing of the open conversation is missing; what the agent sent over a gap may stand beyond it. */
export const completeTo = signal(0);

/** Takes in messages from the line or a fetch, which leave nothing out. */
export function hearMessages(incoming: Message[]): void {
  putMessages(incoming);
  completeTo.value = incoming.reduce((highest, each) => Math.max(highest, each.seq), completeTo.peek());
}

export function putMessages(incoming: Message[]): void {
  const next = new Map(messages.value);
  for (const each of incoming) next.set(each.id, each);
  messages.value = next;
}
