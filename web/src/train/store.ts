import { signal } from "@preact/signals";
import type { User } from "../desk/shapes";
import { toaster } from "../shared/toast";

/** What every tab of the trainers' page shares; no call is made here. */

export type Tab = "pesan" | "model";

export const user = signal<User | null>(null);
/** null: not known yet whether somebody is logged in. */
export const entered = signal<boolean | null>(null);
/** Logged in, but in a role that does not train. */
export const barred = signal(false);
export const { toast, say } = toaster();
export const tab = signal<Tab>(tabOf(location.hash));

function tabOf(hash: string): Tab {
  return hash === "#model" ? "model" : "pesan";
}

window.addEventListener("hashchange", () => (tab.value = tabOf(location.hash)));
