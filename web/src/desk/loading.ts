import { batch, effect } from "@preact/signals";
import type { Message } from "../shared/message";
import { call, conversationPath, sentence, setCsrf } from "./api";
import { live } from "./live";
import { loadAssist } from "./assist/store";
import { flushSends } from "./composer/sends";
import { takeDraft } from "./composer/text";
import { loadMentions } from "./context/mentions";
import type { Box, BoxAnswer, Detail, Me, Options } from "./shapes";
import * as desk from "./store";

/** Fetches what the desk shows: who is logged in, the three boxes, one conversation. */

effect(() => {
  const box = desk.box.value;
  live.look(box);
  if (box === "all" && desk.loggedIn.peek() && !desk.isDivision.peek()) loadBoxes().catch(() => undefined); // while nobody looked, nobody was told
});

/** Takes up the session: shows the desk, loads the boxes, opens the live line. */
export async function enter(): Promise<void> {
  const me = await call<Me>("GET", "/api/me");
  setCsrf(me.csrf);
  batch(() => {
    desk.me.value = me;
    desk.loggedIn.value = true;
  });
  if (desk.isDivision.value) return;
  live.start();
  void loadOptions();
  await loadBoxes();
  if (desk.mine.value.length > 0) desk.box.value = "mine";
  void loadMentions();
  flushSends();
}

/** After a gap: the state the service has for this agent now; it ends when a desk was away too long. */
export async function reloadPresence(): Promise<void> {
  const before = desk.me.value?.presence.state;
  const me = await call<Me>("GET", "/api/me");
  setCsrf(me.csrf);
  desk.me.value = me;
  if (me.presence.state === "offline" && before && before !== "offline") {
    desk.say("Sambungan terputus terlalu lama, status Anda menjadi Offline. Pilih Siap untuk melanjutkan.", "error");
  }
}

async function loadOptions(): Promise<void> {
  try {
    desk.options.value = await call<Options>("GET", "/api/desk/options");
  } catch {
    // Asked for again when a dialog needs it.
  }
}

/** Loads the options when they are not there yet. */
export function needOptions(): void {
  if (!desk.options.value) void loadOptions();
}

function boxOf(name: Box): Promise<BoxAnswer> {
  return call<BoxAnswer>("GET", `/api/desk/conversations?box=${name}`);
}

/** Loads the three boxes anew; what is in none of them is forgotten. */
export async function loadBoxes(): Promise<void> {
  const [queue, mine, all] = await Promise.all([boxOf("queue"), boxOf("mine"), boxOf("all").catch(() => null)]);
  const everything = [...(all?.conversations ?? []), ...queue.conversations, ...mine.conversations];
  batch(() => {
    desk.setServerTime(queue.server_time);
    const open = desk.opened.value;
    desk.summaries.value = new Map(everything.map((each) => [each.id, each]));
    if (open && !desk.summaries.value.has(open.id)) desk.putSummaries([open]);
    desk.allIds.value = new Set(all?.conversations.map((each) => each.id) ?? []);
    desk.allCount.value = all?.counts.all ?? queue.counts.all ?? 0;
  });
}

let loadTimer: number | undefined;

/** Loads the boxes soon; many reasons in a short time make one load. */
export function loadBoxesSoon(): void {
  if (loadTimer !== undefined) return;
  loadTimer = window.setTimeout(() => {
    loadTimer = undefined;
    loadBoxes().catch(() => undefined);
  }, 1500);
}

/** Shows a conversation. */
export async function openConversation(id: string): Promise<void> {
  batch(() => {
    if (desk.openId.value !== id) {
      desk.messages.value = new Map();
      desk.completeTo.value = 0;
      desk.card.value = null;
      desk.procedure.value = null;
      desk.viewers.value = [];
      desk.customerTyping.value = null;
      desk.threadState.value = "loading";
      desk.composerTab.value = "reply";
    }
    desk.openId.value = id;
    desk.pane.value = "thread";
  });
  live.watch(id);
  await reloadConversation();
}

/** Loads the open conversation anew. */
export async function reloadConversation(): Promise<void> {
  const id = desk.openId.value;
  if (!id) return;
  void loadAssist(id);
  try {
    const detail = await call<Detail>("GET", conversationPath(id));
    if (desk.openId.value !== id) return;
    show(id, detail);
    desk.threadState.value = "ready";
  } catch (error) {
    if (desk.openId.value !== id) return;
    if (desk.threadState.value === "loading") desk.threadState.value = "failed";
    desk.say(sentence(error), "error");
  }
}

function show(id: string, detail: Detail): void {
  batch(() => {
    desk.putSummaries([{ ...detail.conversation, unread: 0 }]);
    desk.hearMessages(detail.messages);
    desk.card.value = detail.card;
    desk.procedure.value = detail.procedure ?? null;
    takeDraft(id, detail.draft);
  });
}

/** After a gap: fetches what came since, and anew what had not arrived at the customer yet. */
export async function catchUp(): Promise<void> {
  const id = desk.openId.value;
  if (!id) return;
  if (desk.threadState.value !== "ready") return reloadConversation();
  void loadAssist(id);
  try {
    const detail = await call<Detail>("GET", `${conversationPath(id)}?after=${settledUpTo(desk.thread.value)}`);
    if (desk.openId.value === id) show(id, detail);
  } catch {
    // The line comes and goes: the next time it is back this is asked again.
  }
}

/** The newest seq before which nothing is missing and nothing changes any more by itself. */
function settledUpTo(thread: Message[]): number {
  const moving = thread.find((each) => each.delivery && !FINAL.has(each.delivery));
  return Math.min(desk.completeTo.value, moving ? moving.seq - 1 : Infinity);
}

const FINAL = new Set(["read", "played", "failed", "dropped"]);

/** Loads what stands beside the open conversation. */
export async function reloadCard(id: string): Promise<void> {
  if (desk.openId.value !== id) return;
  try {
    const detail = await call<Detail>("GET", `${conversationPath(id)}?after=${desk.completeTo.value}`);
    if (desk.openId.value !== id) return;
    batch(() => {
      desk.card.value = detail.card;
      desk.procedure.value = detail.procedure ?? null;
      desk.hearMessages(detail.messages);
    });
  } catch {
    // The next card frame or a reload brings it.
  }
}

let readTimer: number | undefined;

/** Tells the service soon that the agent sees what came in: asking for the conversation is what says so. */
export function reportSeenSoon(id: string): void {
  window.clearTimeout(readTimer);
  readTimer = window.setTimeout(() => void reloadCard(id), 300);
}

/** Leaves the open conversation. */
export function closeConversation(): void {
  batch(() => {
    desk.openId.value = null;
    desk.messages.value = new Map();
    desk.card.value = null;
    desk.procedure.value = null;
    desk.viewers.value = [];
    desk.threadState.value = "none";
    desk.pane.value = "list";
  });
  live.watch(null);
}
