import { signal } from "@preact/signals";
import type { Message } from "../shared/message";
import { forget, keysWith, load, newId, save } from "../shared/storage";
import { call, conversationPath, DeskError, sentence } from "./api";
import { openId, putMessages } from "./store";

/**
 * Replies and notes on their way. They show at once, keep their order within a conversation, survive a reload, and are
 * tried again under the same client_id, so that none is ever sent twice.
 */

export interface Pending {
  client_id: string;
  conversation: string;
  kind: "reply" | "note";
  text: string;
  at: string;
  state: "sending" | "waiting" | "failed";
  error: string | null;
}

const PREFIX = "sapa:desk:out:";

export const pending = signal<Pending[]>(
  keysWith(PREFIX)
    .flatMap((key) => load<Pending>(key) ?? [])
    .map((item) => (item.state === "sending" ? { ...item, state: "waiting" as const } : item))
    .sort((a, b) => a.at.localeCompare(b.at)),
);
const busy = new Set<string>();
window.addEventListener("online", () => flushSends());

export function send(conversation: string, kind: "reply" | "note", text: string): void {
  const item: Pending = { client_id: newId(), conversation, kind, text, at: new Date().toISOString(), state: "waiting", error: null };
  save(PREFIX + item.client_id, item);
  pending.value = [...pending.value, item];
  void pump(conversation);
}

/** Tries everything that waits. */
export function flushSends(): void {
  for (const id of new Set(pending.value.map((item) => item.conversation))) void pump(id);
}

export function retrySend(clientId: string): void {
  const item = pending.value.find((each) => each.client_id === clientId);
  if (!item) return;
  change(clientId, { state: "waiting", error: null });
  void pump(item.conversation);
}

/** Takes a failed text back, to be edited. */
export function takeBack(clientId: string): string {
  const text = pending.value.find((each) => each.client_id === clientId)?.text ?? "";
  landed(clientId);
  return text;
}

/** The message is stored: it needs no stand-in any more. */
export function landed(clientId: string): void {
  if (!pending.value.some((item) => item.client_id === clientId)) return;
  forget(PREFIX + clientId);
  pending.value = pending.value.filter((item) => item.client_id !== clientId);
}

function change(clientId: string, patch: Partial<Pending>): void {
  pending.value = pending.value.map((item) => {
    if (item.client_id !== clientId) return item;
    const changed = { ...item, ...patch };
    save(PREFIX + clientId, changed);
    return changed;
  });
}

async function pump(conversation: string): Promise<void> {
  if (busy.has(conversation)) return;
  busy.add(conversation);
  try {
    for (let item = next(conversation); item; item = next(conversation)) {
      if (!(await trySend(item))) break;
    }
  } finally {
    busy.delete(conversation);
  }
}

function next(conversation: string): Pending | undefined {
  return pending.value.find((item) => item.conversation === conversation && item.state === "waiting");
}

/** Sends one; false when there is no connection, so that later ones wait too. */
async function trySend(item: Pending): Promise<boolean> {
  change(item.client_id, { state: "sending" });
  const body = item.kind === "reply" ? { client_id: item.client_id, text: item.text, media: [] } : { client_id: item.client_id, text: item.text };
  try {
    const { message } = await call<{ message: Message }>("POST", conversationPath(item.conversation, `/${item.kind}`), body);
    if (openId.value === item.conversation) putMessages([message]);
    landed(item.client_id);
    return true;
  } catch (error) {
    const transient = error instanceof DeskError && error.transient;
    change(item.client_id, { state: transient ? "waiting" : "failed", error: sentence(error) });
    return !transient;
  }
}
