import { signal } from "@preact/signals";
import type { Media, Message } from "../../shared/message";
import { forget, keysWith, load, newId, save } from "../../shared/storage";
import { call, conversationPath, DeskError, sentence } from "../api";
import type { Source } from "../assist/shapes";
import { loadMentions } from "../context/mentions";
import { openId, putMessages } from "../store";

/**
 * Replies, notes and spoken words on their way. They show at once, keep their order within a conversation, survive a reload, and are
 * tried again under the same client_id, so that none is ever sent twice.
 */

export interface Outgoing {
  kind: "reply" | "note" | "said";
  text: string;
  media?: Media[];
  /** Who said it, in a contact by hand. */
  author?: "customer" | "agent";
  suggestion?: Source | null;
  /** The newest message on the writer's screen. */
  seen?: number;
  /** Also if a colleague has written meanwhile. */
  anyway?: boolean;
  /** Whom a note asks. */
  to?: string[];
}

export interface Pending extends Outgoing {
  client_id: string;
  conversation: string;
  at: string;
  state: "sending" | "waiting" | "failed";
  error: string | null;
}

/** Why a text was not taken, to be shown where it is written. */
export interface Objection {
  code: string;
  sentence: string;
  /** What the service found in the text. */
  found: string[];
  /** What colleagues wrote meanwhile. */
  others: Message[];
  item: Pending;
}

const PREFIX = "sapa:desk:out:";
const ABOUT_TEXT = new Set(["asks_secret", "foreign_data", "others_wrote", "too_long", "empty"]);

export const pending = signal<Pending[]>(
  keysWith(PREFIX)
    .flatMap((key) => load<Pending>(key) ?? [])
    .map((item) => (item.state === "sending" ? { ...item, state: "waiting" as const } : item))
    .sort((a, b) => a.at.localeCompare(b.at)),
);
export const objections = signal<Map<string, Objection>>(new Map());
/** Takes a refused text back to where it is written; false when something else stands there. */
let takeBackText: (item: Pending) => boolean = () => false;
const busy = new Set<string>();
window.addEventListener("online", () => flushSends());

export function whenRefused(handler: (item: Pending) => boolean): void {
  takeBackText = handler;
}

export function send(conversation: string, outgoing: Outgoing): void {
  const item: Pending = { ...outgoing, client_id: newId(), conversation, at: new Date().toISOString(), state: "waiting", error: null };
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

/** The writer has read the objection. */
export function dropObjection(conversation: string): void {
  if (!objections.value.has(conversation)) return;
  const next = new Map(objections.value);
  next.delete(conversation);
  objections.value = next;
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

function bodyOf(item: Pending): Record<string, unknown> {
  const { client_id, text } = item;
  if (item.kind === "note") return { client_id, text, ...(item.to?.length ? { to: item.to } : {}) };
  if (item.kind === "said") return { client_id, text, author: item.author };
  return {
    client_id,
    text,
    media: (item.media ?? []).map((each) => each.id),
    suggestion: item.suggestion ?? null,
    seen: item.seen,
    anyway: item.anyway ?? false,
  };
}

/** Sends one; false when there is no connection, so that later ones wait too. */
async function trySend(item: Pending): Promise<boolean> {
  change(item.client_id, { state: "sending" });
  try {
    const { message } = await call<{ message: Message }>("POST", conversationPath(item.conversation, `/${item.kind}`), bodyOf(item));
    if (openId.value === item.conversation) putMessages([message]);
    landed(item.client_id);
    if (item.kind === "note") void loadMentions(); // it may have answered one
    return true;
  } catch (error) {
    const transient = error instanceof DeskError && error.transient;
    change(item.client_id, { state: transient ? "waiting" : "failed", error: sentence(error) });
    if (error instanceof DeskError && ABOUT_TEXT.has(error.code)) refused(item, error);
    return !transient;
  }
}

function refused(item: Pending, error: DeskError): void {
  if (item.kind !== "reply" || !takeBackText(item)) return;
  landed(item.client_id);
  const body = error.body as { found?: string[]; messages?: Message[] } | null;
  const objection: Objection = {
    code: error.code,
    sentence: error.message,
    found: body?.found ?? [],
    others: body?.messages ?? [],
    item,
  };
  objections.value = new Map(objections.value).set(item.conversation, objection);
  if (openId.value === item.conversation) putMessages(objection.others);
}
