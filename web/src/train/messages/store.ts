import { computed, signal } from "@preact/signals";
import type { Diff, Group, Mark, Opened, Options } from "./shapes";

/** The state of the review queue as signals; no call is made here. */

export interface Filter {
  q: string;
  topic: string;
  channel: string;
  reason: string;
  from: string;
  to: string;
}

export const NO_FILTER: Filter = { q: "", topic: "", channel: "", reason: "", from: "", to: "" };

export const options = signal<Options | null>(null);
export const filter = signal<Filter>(NO_FILTER);
export const groups = signal<Group[]>([]);
export const next = signal<string | null>(null);
export const total = signal({ groups: 0, messages: 0 });
export const cut = signal(false);
export const state = signal<"loading" | "ready" | "failed">("loading");

export const chosenId = signal<string | null>(null);
export const opened = signal<Opened | null>(null);
/** The example as the trainer changed it; null: the message's own words. */
export const edited = signal<string | null>(null);
export const editing = signal(false);
export const marks = signal<Mark[]>([]);

export const diff = signal<Diff | null>(null);
export const showsDiff = signal(window.innerWidth >= 1180);
export const pane = signal<"list" | "detail" | "diff">("list");
export const dialog = signal<"intents" | "new" | "keys" | "filters" | null>(null);

/** Groups decided on this page, the latest last: what `u` takes back. */
export const done = signal<{ group: Group; at: number; label: string }[]>([]);
/** Decisions on their way to the service. */
export const underway = signal(0);

export const chosen = computed(() => groups.value.find((each) => each.id === chosenId.value) ?? null);
export const example = computed(() => edited.value ?? chosen.value?.text ?? "");
export const filtered = computed(() => Object.values(filter.value).filter((each, index) => each && index > 0).length);
