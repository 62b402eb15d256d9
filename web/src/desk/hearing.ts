import { batch } from "@preact/signals";
import { heardAssist } from "./assist/store";
import { flushSends, landed } from "./composer/sends";
import { loadMentions } from "./context/mentions";
import { alert } from "./floor/alerts";
import { peopleChanged } from "./floor/store";
import { customerName } from "./list/words";
import { live } from "./live";
import { catchUp, loadBoxes, loadBoxesSoon, openConversation, reloadCard, reloadConversation, reloadPresence, reportSeenSoon } from "./loading";
import type { DeskFrame, Summary, Viewer } from "./shapes";
import * as desk from "./store";

/** What each live frame does to the desk. */

const TYPING_SHOWN = 6_000;
const WRITING_SHOWN = 5_500;
let typingTimer: number | undefined;
let writingTimer: number | undefined;

function onScreen(id: string): boolean {
  return desk.openId.value === id && document.visibilityState === "visible";
}

function changed(summary: Summary): void {
  const before = desk.summaries.value.get(summary.id);
  const seen = onScreen(summary.id) ? { ...summary, unread: 0 } : summary;
  desk.putSummaries([seen]);
  const known = desk.allIds.value.has(summary.id);
  if (!known && summary.owner !== "closed" && desk.box.value === "all") {
    desk.allIds.value = new Set(desk.allIds.value).add(summary.id);
    desk.allCount.value += 1;
  }
  if ((before?.owner === "closed") !== (summary.owner === "closed")) loadBoxesSoon();
  tell(summary, before);
}

/** Makes the agent aware of what is new about a conversation. */
function tell(summary: Summary, before: Summary | undefined): void {
  const news = { title: customerName(summary), text: summary.last_text ?? "", tag: summary.id, open: () => void openConversation(summary.id) };
  const offered = desk.isOfferedToMe(summary, desk.now.value);
  if (offered && before?.offer?.expires_at !== summary.offer?.expires_at) return alert({ ...news, whose: "mine", title: `Tawaran: ${news.title}` });
  const newForMe = desk.isMine(summary) && summary.last_author === "customer" && summary.last_at !== before?.last_at;
  if (newForMe && !onScreen(summary.id)) return alert({ ...news, whose: "mine" });
  if (summary.owner === "queue" && before?.owner !== "queue") alert({ ...news, whose: "queue", title: `Antrean: ${news.title}` });
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
      desk.hearMessages([frame.message]);
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
    case "people":
      return peopleChanged();
    case "assist":
      return heardAssist(frame.conversation, frame.assist);
    case "mention":
      alert({ whose: "mine", title: `${frame.by.name} menyebut Anda`, text: frame.text, tag: `mention-${frame.conversation}`, open: () => void openConversation(frame.conversation) });
      desk.say(`${frame.by.name} menyebut Anda: ${frame.text}`);
      return void loadMentions();
    case "viewers":
      desk.knows.value = { ...desk.knows.value, viewers: true };
      if (frame.conversation === desk.openId.value) lookOn(frame.viewers);
      return;
    case "refresh":
      return refetch();
    default:
      return;
  }
}

/** Who else looks on. That somebody writes is told for five seconds; the next frame may come later. */
function lookOn(viewers: Viewer[]): void {
  window.clearTimeout(writingTimer);
  desk.viewers.value = viewers.filter((each) => each.id !== desk.me.value?.user.id);
  writingTimer = window.setTimeout(() => (desk.viewers.value = desk.viewers.value.map((each) => ({ ...each, writing: false }))), WRITING_SHOWN);
}

/** What stands on the screen of the agent it belongs to is read. */
function seen(): void {
  const open = desk.opened.value;
  if (open && onScreen(open.id) && desk.isMine(open)) reportSeenSoon(open.id);
}

function refetch(): void {
  reloadPresence().catch(() => undefined);
  void loadMentions();
  peopleChanged();
  loadBoxes().catch(() => undefined);
  void catchUp();
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
