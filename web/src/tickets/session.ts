import { batch } from "@preact/signals";
import { call, setCsrf } from "../desk/api";
import { live } from "../desk/live";
import { follow, loadAlerts, loadCounts, loadList, loadOptions, loadViews } from "./loading";
import type { Me } from "./shapes";
import * as store from "./store";

/** Coming in and leaving, with the desk's sessions. */

/** Takes up the session and shows the user's own tickets. */
export async function enter(): Promise<void> {
  const me = await call<Me>("GET", "/api/me");
  setCsrf(me.csrf);
  batch(() => {
    store.me.value = me;
    store.entered.value = true;
  });
  if (isBarred()) return;
  if (store.filter.value === store.START && me.user.role === "division") {
    store.filter.value = { ...store.START, box: "unit", unit: me.team?.id ?? "" };
  }
  live.look("mine");
  live.start();
  await loadOptions();
  void loadCounts();
  void loadViews();
  void loadAlerts();
  void loadList(true);
  follow();
}

/** Logged in, but in a role that has nothing to do with tickets. */
export function isBarred(): boolean {
  return store.me.value?.user.role === "trainer";
}

export async function login(username: string, password: string): Promise<void> {
  const answer = await call<{ csrf: string }>("POST", "/api/login", { username, password });
  setCsrf(answer.csrf);
  await enter();
}

export async function logout(): Promise<void> {
  try {
    await call<null>("POST", "/api/logout");
  } catch {
    // The session is left anyway.
  }
  leave();
}

/** Shows the login form again; what was typed stays kept. */
export function leave(): void {
  live.stop();
  batch(() => {
    store.me.value = null;
    store.rows.value = [];
    store.counts.value = null;
    store.alerts.value = [];
    store.views.value = [];
    store.ticket.value = null;
    store.openNumber.value = null;
    store.ticketState.value = "none";
    store.filter.value = store.START;
    store.dialog.value = null;
    store.entered.value = false;
  });
}
