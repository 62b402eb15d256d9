import { computed, signal } from "@preact/signals";
import type { Message } from "../shared/message";
import { session, saveSession } from "./session";

/**
 * The stored messages of this visit, in order. A conversation that begins while the page is open starts again at
 * seq 1: what came before stays above it (an older "part").
 */

export interface Shown extends Message {
  part: number;
}

export const messages = signal<Shown[]>([]);
let part = 0;

function before(a: Shown, b: Shown): number {
  return a.part - b.part || a.seq - b.seq;
}

/** Highest seq held of the present conversation. */
export function lastSeq(): number {
  let highest = 0;
  for (const message of messages.value) if (message.part === part && message.seq > highest) highest = message.seq;
  return highest;
}

/** Forgets everything shown: the service speaks of another conversation. */
export function dropThread(conversation: string | null): void {
  messages.value = [];
  part = 0;
  Object.assign(session, { conversation, seen: 0, read: 0 });
  saveSession();
}

/** Notes which conversation a frame belongs to; a new one starts below the old. Tells whether one has begun. */
export function enterConversation(conversation: string | null): boolean {
  if (!conversation || session.conversation === conversation) return false;
  const begins = session.conversation !== null;
  if (begins) beginPart();
  session.conversation = conversation;
  saveSession();
  return begins;
}

function beginPart(): void {
  part += 1;
  Object.assign(session, { conversation: null, seen: 0, read: 0 });
}

/** An ack that cannot belong to the present conversation means that a new one has begun. */
export function enterByAck(id: string, seq: number): boolean {
  const taken = messages.value.some((message) => message.part === part && message.seq === seq && message.id !== id);
  if (!taken || messages.value.some((message) => message.id === id)) return false;
  beginPart();
  return true;
}

/** Adds the messages, or replaces those already known by id. */
export function putMessages(incoming: Message[]): void {
  if (incoming.length === 0) return;
  const byId = new Map(messages.value.map((message) => [message.id, message]));
  for (const message of incoming) byId.set(message.id, { ...message, part: byId.get(message.id)?.part ?? part });
  messages.value = [...byId.values()].sort(before);
}

/** The part that is going on now. */
export function currentPart(): number {
  return part;
}

/** The newest message of the present conversation that is not the customer's own. */
export const newestFromUs = computed(() => {
  const ours = messages.value.filter((message) => message.part === part && message.author !== "customer");
  return ours.at(-1)?.seq ?? 0;
});

/** How many messages of ours are newer than what the customer has seen. */
export function unseenCount(): number {
  return messages.value.filter(
    (message) => message.part === part && message.seq > session.seen && message.author !== "customer",
  ).length;
}
