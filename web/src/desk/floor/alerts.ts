import { effect, signal } from "@preact/signals";
import { load, save } from "../../shared/storage";
import * as desk from "../store";
import { chime, unlock } from "./chime";

/**
 * Tells an agent who looks elsewhere: a sound, and a notification of the system where it was allowed.
 * Everything told here stands on the screen as well.
 */

export type Hears = "none" | "mine" | "all";

const AGAIN_MS = 30_000;

/** Which news make a sound: none, only the agent's own, or the queue's too. */
export const hears = signal<Hears>(load<Hears>("sapa:desk:hears") ?? (load<boolean>("sapa:desk:sound") ? "all" : "none"));
export const onlyHidden = signal(load<boolean>("sapa:desk:only-hidden") ?? false);
export const permission = signal<NotificationPermission>("Notification" in window ? Notification.permission : "denied");

export function setHears(value: Hears): void {
  hears.value = value;
  save("sapa:desk:hears", value);
  if (value !== "none") unlock();
}

export function setOnlyHidden(on: boolean): void {
  onlyHidden.value = on;
  save("sapa:desk:only-hidden", on);
}

/** Asks the browser; only ever called by the agent's own click. */
export async function askPermission(): Promise<void> {
  if ("Notification" in window) permission.value = await Notification.requestPermission();
}

interface News {
  whose: "mine" | "queue";
  title: string;
  text: string;
  /** News with the same tag replace each other. */
  tag: string;
  open: () => void;
}

/** Makes the agent aware of news. */
export function alert(news: News): void {
  sound(news.whose);
  if (permission.value !== "granted" || document.visibilityState === "visible") return;
  if (news.whose === "queue" && hears.value !== "all") return;
  try {
    const shown = new Notification(news.title, { body: news.text, tag: news.tag });
    shown.onclick = () => {
      window.focus();
      news.open();
      shown.close();
    };
  } catch {
    // Some browsers allow notifications only from a service worker.
  }
}

function sound(whose: News["whose"]): void {
  if (hears.value === "none" || (whose === "queue" && hears.value !== "all")) return;
  if (onlyHidden.value && document.visibilityState === "visible") return;
  chime();
}

/** Something of the agent's own waits unread, and not before the agent's eyes. */
function unreadWaits(): boolean {
  const seen = document.visibilityState === "visible" ? desk.openId.peek() : null;
  return desk.mine.peek().some((each) => each.unread > 0 && each.id !== seen);
}

/** Begins to repeat the sound while something waits, and to count in the title. */
export function watchAlerts(): void {
  document.addEventListener("pointerdown", () => hears.value !== "none" && unlock());
  document.addEventListener("keydown", () => hears.value !== "none" && unlock());
  window.setInterval(() => unreadWaits() && sound("mine"), AGAIN_MS);
  effect(() => {
    const waiting = desk.queue.value.length + desk.mine.value.filter((each) => each.unread > 0).length;
    document.title = `${desk.loggedIn.value && waiting > 0 ? `(${waiting}) ` : ""}Sapa – Meja Petugas`;
  });
}
