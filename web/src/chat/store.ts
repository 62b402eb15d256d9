import { effect, signal } from "@preact/signals";
import type { Owner } from "../shared/message";
import { Connection } from "./connection";
import type { Brand, Limits, ServerFrame, Welcome } from "./frames";
import { isOpen, page, tellHost } from "./host";
import { Outbox } from "./outbox";
import { inbox, saveSession, session } from "./session";
import * as thread from "./thread_state";

/** The state of the chat and what each frame does to it. */

const TYPING_SHOWN = 25_000;
const TYPING_EVERY = 3_000;
const END_WITHIN = 15_000;

export const brand = signal<Brand>({
  name: "",
  title: "Obrolan",
  subtitle: "",
  color: "#0a7d3e",
  greeting: "",
  quick: [],
});
export const limits = signal<Limits>({ text: 4096, file: 10_485_760 });
export const link = signal<"idle" | "connecting" | "ready" | "lost">("idle");
export const owner = signal<Owner>("bot");
export const agent = signal<string | null>(null);
export const queuePosition = signal<number | null>(null);
export const typing = signal<{ author: "bot" | "agent"; name: string | null } | null>(null);
export const readByUs = signal(session.read);
export const notice = signal<string | null>(null);
/** True once the history stands: only then may the log announce additions. */
export const armed = signal(false);
export const ending = signal(false);

const visible = signal(document.visibilityState === "visible");
document.addEventListener("visibilitychange", () => (visible.value = document.visibilityState === "visible"));

let typingTimer: number | undefined;
let typedAt = 0;
let reported = 0;

export const connection = new Connection({
  hello: () => ({ type: "hello", token: session.token, after: thread.lastSeq(), inbox, page: page.value }),
  frame: receive,
  ready: () => {
    link.value = "ready";
    if (ending.value) connection.send({ type: "end" });
    outbox.pump();
    reported = 0;
    reportSeen();
  },
  lost: () => {
    link.value = "lost";
    outbox.interrupted();
  },
  after: thread.lastSeq,
  token: () => session.token,
  tokenRefused: () => {
    session.token = null;
    saveSession();
  },
});

export const outbox = new Outbox({
  send: (frame) => connection.send(frame),
  stuck: () => connection.restart(),
});

/** Connects when there is a reason to: the chat is open, or a conversation goes on. */
export function connect(): void {
  if (link.value === "idle") link.value = "connecting";
  connection.start();
}

/** Tells the other side that the customer is writing, at most every three seconds. */
export function reportTyping(): void {
  if (Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  connection.send({ type: "typing" });
}

/** The message is on its way: the next key is told at once. */
export function typingOver(): void {
  typedAt = 0;
}

/** Ends the conversation; if there is no connection, as soon as there is one. */
export function endChat(): void {
  ending.value = true;
  window.setTimeout(() => (ending.value = link.value === "ready" ? false : ending.value), END_WITHIN);
  connection.send({ type: "end" });
}

function receive(frame: ServerFrame): void {
  switch (frame.type) {
    case "welcome":
      return welcome(frame);
    case "ack":
      return acknowledged(frame);
    case "refused":
      return outbox.refused(frame.client_id, frame.message);
    case "message":
      if (thread.enterConversation(frame.conversation)) changeOwner("bot", null, null);
      if (frame.message.client_id) outbox.stored(frame.message.client_id);
      thread.putMessages([frame.message]);
      if (frame.message.author === "customer") return;
      showTyping(null);
      ending.value = false; // the answer to "end" is a question, which now stands there
      tellMessage(frame.message);
      return;
    case "read":
      readByUs.value = Math.max(readByUs.value, frame.seq);
      session.read = readByUs.value;
      return saveSession();
    case "typing":
      return showTyping({ author: frame.author, name: frame.name ?? null });
    case "state":
      thread.enterConversation(frame.conversation);
      return changeOwner(frame.state, frame.agent ?? null, frame.queue_position ?? null);
    case "error":
      notice.value = frame.message;
      return;
    default:
      return;
  }
}

function welcome(frame: Welcome): void {
  const held = thread.lastSeq() > 0;
  session.token = frame.token;
  saveSession();
  brand.value = { ...brand.value, ...frame.brand };
  limits.value = { ...limits.value, ...frame.limits };
  tellHost({ sapa: 1, type: "brand", name: brand.value.name, color: brand.value.color });
  const conversation = frame.conversation ?? null;
  if (conversation !== session.conversation) {
    const startedHere = session.conversation === null;
    if (!startedHere || !held) thread.dropThread(conversation);
    else thread.enterConversation(conversation);
    readByUs.value = 0;
    // These messages came "after" a seq of another conversation: ask again for all of this one.
    if (held && !startedHere) return connection.restart();
  }
  for (const message of frame.messages) if (message.client_id) outbox.stored(message.client_id);
  thread.putMessages(frame.messages);
  changeOwner(frame.state, frame.agent ?? null, null);
  if (!armed.value) window.setTimeout(() => (armed.value = true), 400);
}

function acknowledged(frame: Extract<ServerFrame, { type: "ack" }>): void {
  if (thread.enterByAck(frame.id, frame.seq)) changeOwner("bot", null, null);
  const sent = outbox.stored(frame.client_id);
  if (!sent || thread.messages.value.some((message) => message.id === frame.id)) return;
  const { client_id, text, media, reply_to } = sent;
  thread.putMessages([{ id: frame.id, seq: frame.seq, client_id, author: "customer", text, media, reply_to, at: frame.at }]);
}

function changeOwner(state: Owner, name: string | null, position: number | null): void {
  owner.value = state;
  agent.value = name;
  queuePosition.value = position;
  if (state === "closed") {
    ending.value = false;
    showTyping(null);
  }
}

function showTyping(who: { author: "bot" | "agent"; name: string | null } | null): void {
  window.clearTimeout(typingTimer);
  typing.value = who;
  if (who) typingTimer = window.setTimeout(() => (typing.value = null), TYPING_SHOWN);
}

function tellMessage(message: { id: string; author: string; name?: string | null; text?: string | null; at: string }): void {
  const { id, author, at } = message;
  tellHost({ sapa: 1, type: "message", message: { id, author, name: message.name ?? null, text: message.text ?? "", at } });
}

function reportSeen(): void {
  const newest = thread.newestFromUs.value;
  if (newest > session.seen) {
    session.seen = newest;
    saveSession();
  }
  if (newest > reported && connection.send({ type: "read", seq: newest })) reported = newest;
}

/** Keeps "seen", the unread count and the brand's colours in step with the rest. */
export function watch(): void {
  effect(() => {
    const newest = thread.newestFromUs.value;
    if (newest && newest < reported) reported = 0;
    if (isOpen.value && visible.value) reportSeen();
    void thread.messages.value;
    tellHost({ sapa: 1, type: "unread", count: isOpen.value && visible.value ? 0 : thread.unseenCount() });
  });
  effect(() => {
    const color = brand.value.color;
    if (/^#[0-9a-f]{6}$/i.test(color)) {
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as [number, number, number];
      const root = document.documentElement.style;
      root.setProperty("--brand", color);
      root.setProperty("--on-brand", 0.299 * r + 0.587 * g + 0.114 * b > 150 ? "#10221a" : "#ffffff");
    }
    if (brand.value.title) document.title = brand.value.title;
  });
}
