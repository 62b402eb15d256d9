import { live } from "../desk/live";
import { loadAlerts, loadSoon, loadTicket, reload } from "./loading";
import type { Alert } from "./shapes";
import * as store from "./store";

/** What each live frame does to the page. */

const AGAIN_MS = 60_000;
const WHAT: Record<Alert["what"], string> = { reminder: "segera jatuh tempo", breach: "terlambat", escalation: "dieskalasi" };

/** An alert in a sentence. */
export function alertSentence(alert: Alert): string {
  const scope = alert.scope === "hop" ? "di unit" : "secara keseluruhan";
  return `${alert.ticket} ${WHAT[alert.what] ?? "perlu perhatian"} ${scope}`;
}

/** Connects the live line to the page. */
export function listen(): void {
  live.onFrame = (frame) => {
    switch (frame.type) {
      case "ready":
        return store.setServerTime(frame.server_time);
      case "ticket":
        if (frame.number === store.openNumber.value) void loadTicket();
        return loadSoon();
      case "alert":
        store.say(`${alertSentence(frame.alert)}: ${frame.alert.summary}`);
        return void loadAlerts();
      case "refresh":
        return reload();
      default:
        return;
    }
  };
  live.onState = (state) => (store.link.value = state);
  live.onBack = reload;
  // What is left of a clock is told in working time: only the service can count that.
  window.setInterval(() => store.ticket.value && document.visibilityState === "visible" && void loadTicket(), AGAIN_MS);
}
