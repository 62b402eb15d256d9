import { signal } from "@preact/signals";
import { forget, load, save } from "../../shared/storage";
import { call, conversationPath } from "../api";
import { dropSource } from "../assist/store";
import * as desk from "../store";

/**
 * What stands in the text fields, each conversation's own. It is kept in this browser at once, and the reply soon after at the
 * service too, so that it is there on another computer.
 */

const SAVE_AFTER = 1_200;

/** Bumped when a text is changed from outside the field. */
export const version = signal(0);
const timers = new Map<string, number>();
let serviceKeeps = false;

const key = (id: string, tab: desk.ComposerTab) => `sapa:desk:draft:${id}:${tab}`;

/** The text as it stands. */
export function textOf(id: string, tab: desk.ComposerTab): string {
  void version.value;
  return load<string>(key(id, tab)) ?? "";
}

export function setText(id: string, tab: desk.ComposerTab, text: string): void {
  if (text) save(key(id, tab), text);
  else forget(key(id, tab));
  version.value += 1;
  if (tab !== "reply") return;
  if (!text) dropSource(id);
  keepSoon(id);
}

function keepSoon(id: string): void {
  if (!serviceKeeps) return;
  window.clearTimeout(timers.get(id));
  timers.set(
    id,
    window.setTimeout(() => {
      timers.delete(id);
      // Lost with the connection, it is kept with the next letter; the browser has it anyway.
      call("PUT", conversationPath(id, "/draft"), { text: load<string>(key(id, "reply")) ?? "" }).catch(() => undefined);
    }, SAVE_AFTER),
  );
}

/** Takes the service's draft, unless something stands here already. `undefined`: the service keeps none. */
export function takeDraft(id: string, draft: string | null | undefined): void {
  serviceKeeps = draft !== undefined;
  if (!draft || timers.has(id) || load<string>(key(id, "reply"))) return;
  save(key(id, "reply"), draft);
  version.value += 1;
}

export function field(): HTMLTextAreaElement | null {
  return document.getElementById("composer-text") as HTMLTextAreaElement | null;
}

/** Moves to the text field with the given tab chosen. */
export function writeOn(tab: desk.ComposerTab): void {
  desk.composerTab.value = tab;
  desk.pane.value = "thread";
  requestAnimationFrame(() => field()?.focus());
}

/** Puts the text of a failed message back into the field. */
export function editAgain(id: string, tab: desk.ComposerTab, text: string): void {
  const present = load<string>(key(id, tab));
  setText(id, tab, present ? `${present}\n${text}` : text);
  writeOn(tab);
}

/** Replaces a stretch of the text and puts the cursor behind it. */
export function replace(id: string, tab: desk.ComposerTab, from: number, to: number, text: string): void {
  const present = load<string>(key(id, tab)) ?? "";
  setText(id, tab, present.slice(0, from) + text + present.slice(to));
  requestAnimationFrame(() => {
    const element = field();
    element?.focus();
    element?.setSelectionRange(from + text.length, from + text.length);
  });
}

/** Puts a text into what the customer will get, where the cursor stands. */
export function insert(id: string, text: string): void {
  const spoken = desk.summaries.peek().get(id)?.manual === true;
  const tab: desk.ComposerTab = spoken ? "agent" : "reply";
  const present = load<string>(key(id, tab)) ?? "";
  const here = desk.composerTab.peek() === tab ? field() : null;
  const from = here?.selectionStart ?? present.length;
  const to = here?.selectionEnd ?? present.length;
  const gap = from > 0 && !/\s$/.test(present.slice(0, from)) ? " " : "";
  desk.composerTab.value = tab;
  replace(id, tab, from, to, gap + text);
}
