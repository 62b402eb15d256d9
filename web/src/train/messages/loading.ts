import { batch } from "@preact/signals";
import { call, sentence } from "../../desk/api";
import { say } from "../store";
import type { Diff, Opened, Options, Page } from "./shapes";
import * as queue from "./store";

/** Fetches the queue, one message, and what the decisions changed. */

export async function loadOptions(): Promise<void> {
  try {
    queue.options.value = await call<Options>("GET", "/api/train/options");
  } catch (error) {
    say(sentence(error), "error");
  }
}

function path(after: string | null): string {
  const given = Object.entries({ ...queue.filter.value, after: after ?? "" }).filter(([, value]) => value);
  return `/api/train/messages?${new URLSearchParams(given).toString()}`;
}

let asked = 0;

/** Loads the queue from its beginning. */
export async function loadQueue(): Promise<void> {
  const mine = ++asked;
  if (queue.groups.value.length === 0) queue.state.value = "loading";
  try {
    const page = await call<Page>("GET", path(null));
    if (mine !== asked) return;
    batch(() => {
      queue.groups.value = page.groups;
      take(page);
      if (!page.groups.some((each) => each.id === queue.chosenId.value)) choose(page.groups[0]?.id ?? null);
    });
  } catch (error) {
    if (mine !== asked) return;
    queue.state.value = "failed";
    say(sentence(error), "error");
  }
}

/** Loads the next page behind what is there. */
export async function loadMore(): Promise<void> {
  const after = queue.next.value;
  if (!after || queue.state.value === "loading") return;
  const mine = ++asked;
  queue.state.value = "loading";
  try {
    const page = await call<Page>("GET", path(after));
    if (mine !== asked) return;
    const known = new Set(queue.groups.value.map((each) => each.id));
    batch(() => {
      queue.groups.value = [...queue.groups.value, ...page.groups.filter((each) => !known.has(each.id))];
      take(page);
      if (!queue.chosenId.value) choose(queue.groups.value[0]?.id ?? null);
    });
  } catch (error) {
    if (mine === asked) queue.state.value = "ready";
    say(sentence(error), "error");
  }
}

function take(page: Page): void {
  queue.next.value = page.next;
  queue.total.value = page.total;
  queue.cut.value = page.cut;
  queue.state.value = "ready";
}

let filterTimer: number | undefined;

/** Sets a filter and loads what fits, soon. */
export function filterBy(changes: Partial<queue.Filter>): void {
  queue.filter.value = { ...queue.filter.value, ...changes };
  window.clearTimeout(filterTimer);
  filterTimer = window.setTimeout(() => void loadQueue(), 250);
}

/** Shows a group and the conversation around its first message. */
export function choose(id: string | null): void {
  if (id === queue.chosenId.value && queue.opened.value) return;
  batch(() => {
    queue.chosenId.value = id;
    queue.opened.value = null;
    queue.edited.value = null;
    queue.editing.value = false;
    queue.marks.value = [];
  });
  if (id) void open(id);
}

async function open(id: string): Promise<void> {
  try {
    const opened = await call<Opened>("GET", `/api/train/messages/${encodeURIComponent(id)}`);
    if (queue.chosenId.value === id) queue.opened.value = opened;
  } catch (error) {
    if (queue.chosenId.value === id) say(sentence(error), "error");
  }
}

/** One on or back in the list. */
export function move(step: 1 | -1): void {
  const list = queue.groups.value;
  const at = list.findIndex((each) => each.id === queue.chosenId.value);
  const target = list[at < 0 ? 0 : at + step];
  if (target) choose(target.id);
  else if (step > 0) void loadMore();
}

let diffTimer: number | undefined;

/** Fetches what the decisions changed, soon; many reasons in a short time make one call. */
export function loadDiffSoon(): void {
  window.clearTimeout(diffTimer);
  diffTimer = window.setTimeout(() => void loadDiff(), 300);
}

export async function loadDiff(): Promise<void> {
  try {
    queue.diff.value = await call<Diff>("GET", "/api/train/diff");
  } catch (error) {
    say(sentence(error), "error");
  }
}
