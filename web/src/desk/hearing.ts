import { batch } from "@preact/signals";
import { chime } from "./chime";
import { live } from "./live";
import { loadBoxes, loadBoxesSoon, reloadCard, reloadConversation, reportSeenSoon } from "./loading";
import { flushSends, landed } from "./sends";
import type { DeskFrame, Summary } from "./shapes";
import * as desk from "./store";

/** What each live frame does to the desk. */

const TYPING_SHOWN = 6_000;
let typingTimer: number | undefined;

function onScreen(id: string): boolean {
  return desk.openId.value === id && document.visibilityState === "visible";
}

function changed(summary: Summary): void {
  const before = desk.summaries.value.get(summary.id);
  const seen = onScreen(summary.id) ? { ...summary, unread: 0 } : summary;
  desk.putSummaries([seen]);
  const known = desk.allIds.value.has(summary.id);
  if (!known && summary.owner !== "closed") {
    desk.allIds.value = new Set(desk.allIds.value).add(summary.id);
    desk.allCount.value += 1;
  }
  if ((before?.owner === "closed") !== (summary.owner === "closed")) loadBoxesSoon();
  const newInQueue = summary.owner === "queue" && before?.owner !== "queue";
  const newForMe = desk.isMine(summary) && summary.last_author === "customer" && summary.last_at !== before?.last_at;
  if (newInQueue || (newForMe && !onScreen(summary.id))) chime();
}

function gone(id: string): void {
  const next = new Map(desk.summaries.value);
  if (desk.openId.value === id) {
    void reloadConversation();
  } else {
    next.delete(id);
    desk.summaries.value = next;
  }
  loadBoxesSoon();
}

function hear(frame: DeskFrame): void {
  switch (frame.type) {
    case "ready":
      return desk.setServerTime(frame.server_time);
    case "conversation":
      return batch(() => changed(frame.conversation));
    case "gone":
      return gone(frame.id);
    case "message":
      if (frame.message.client_id) landed(frame.message.client_id);
      if (frame.conversation !== desk.openId.value) return;
      desk.putMessages([frame.message]);
      if (frame.message.author === "customer") {
        desk.customerTyping.value = null;
        seen();
      }
      return;
    case "card":
      return void reloadCard(frame.conversation);
    case "typing":
      window.clearTimeout(typingTimer);
      desk.customerTyping.value = frame.conversation;
      typingTimer = window.setTimeout(() => (desk.customerTyping.value = null), TYPING_SHOWN);
      return;
    case "presence":
      if (desk.me.value) desk.me.value = { ...desk.me.value, presence: frame.presence };
      return;
    case "refresh":
      return refetch();
    default:
      return;
  }
}

/** What stands on the screen of the agent it belongs to is read. */
function seen(): void {
  const open = desk.opened.value;
  if (open && onScreen(open.id) && desk.isMine(open)) reportSeenSoon(open.id);
}

function refetch(): void {
  loadBoxes().catch(() => undefined);
  void reloadConversation();
}

/** Connects the live line to the desk's state. */
export function listen(): void {
  live.onFrame = hear;
  document.addEventListener("visibilitychange", () => {
    const open = desk.opened.value;
    if (!open || !onScreen(open.id) || open.unread === 0) return;
    desk.putSummaries([{ ...open, unread: 0 }]);
    seen();
  });
  live.onState = (state) => (desk.link.value = state);
  live.onBack = () => {
    refetch();
    flushSends();
  };
}
