import { signal } from "@preact/signals";
import { isToChat, type FromChat } from "../widget/bridge_frames";

/** The side of the bridge inside the iframe. Without a widget around it the page is simply always open. */

export const embedded = window.parent !== window;
export const isOpen = signal(!embedded);
export const page = signal(window.location.origin + window.location.pathname);

let hostOrigin: string | null = null;
const waiting: FromChat[] = [];

/** Posts to the widget; kept until the widget has made itself known. */
export function tellHost(frame: FromChat): void {
  if (!embedded) return;
  if (hostOrigin) window.parent.postMessage(frame, hostOrigin);
  else waiting.push(frame);
}

/** Listens to the widget. The first word of the parent fixes the origin; words from any other are ignored. */
export function listenToHost(opened: () => void): void {
  if (!embedded) return;
  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (event.source !== window.parent || !isToChat(event.data)) return;
    if (hostOrigin && event.origin !== hostOrigin) return;
    const frame = event.data;
    if (frame.type === "host") {
      hostOrigin = event.origin;
      page.value = String(frame.page).slice(0, 500);
      for (const kept of waiting.splice(0)) tellHost(kept);
    }
    const open = frame.type === "open" || (frame.type === "host" && frame.open);
    isOpen.value = open;
    if (open) opened();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tellHost({ sapa: 1, type: "close" });
  });
}
