import { computed, signal } from "@preact/signals";
import { load, save } from "../../shared/storage";
import { ask, call, conversationPath, sentence } from "../api";
import * as desk from "../store";
import type { Assist, AssistAnswer, Source, Suggestion } from "./shapes";

/** What the assist says of each conversation, and which of its texts the agent has taken up. */

const answers = signal<Map<string, AssistAnswer>>(new Map());
const marked = signal<Set<string>>(new Set());
const asked = new Set<string>();
/** What the text in each conversation's composer came from, until it is sent. */
const sources = new Map<string, Source>();

export const folded = signal(load<boolean>("sapa:desk:assist-folded") ?? false);

export function fold(on: boolean): void {
  folded.value = on;
  save("sapa:desk:assist-folded", on);
}

/** The assist of the open conversation, or null. */
export const assist = computed<Assist | null>(() => (desk.openId.value ? answers.value.get(desk.openId.value)?.assist ?? null : null));

/** The suggestions of the open conversation that nobody has called wrong. */
export const suggestions = computed<Suggestion[]>(() => {
  const present = assist.value;
  return (present?.suggestions ?? []).filter((each) => !marked.value.has(`${present!.message}:${each.id}`)).slice(0, 3);
});

/** The conversation in sentences; empty until it was asked for. */
export function summaryOf(id: string): string[] {
  return answers.value.get(id)?.summary ?? [];
}

function put(id: string, answer: AssistAnswer): void {
  answers.value = new Map(answers.value).set(id, answer);
}

export async function loadAssist(id: string): Promise<void> {
  const answer = await ask<AssistAnswer>(conversationPath(id, "/assist"));
  if (answer) put(id, { assist: answer.assist ?? null, summary: answer.summary ?? [] });
}

/** Asks once for the sentences about a conversation that is not open. */
export function wantSummary(id: string): void {
  if (asked.has(id)) return;
  asked.add(id);
  void loadAssist(id);
}

export function heardAssist(id: string, fresh: Assist): void {
  put(id, { assist: fresh, summary: summaryOf(id) });
}

function tell(id: string, source: Source, fate: "inserted" | "wrong"): void {
  call("POST", conversationPath(id, "/assist/fate"), { message: source.message, suggestion: source.id, fate }).catch((error: unknown) => {
    if (fate === "wrong") desk.say(sentence(error), "error");
  });
}

/** The agent takes up a suggestion's text; what is sent next came from it. */
export function takeUp(id: string, suggestion: Suggestion): void {
  const message = assist.value?.message;
  if (!message) return;
  sources.set(id, { message, id: suggestion.id });
  tell(id, { message, id: suggestion.id }, "inserted");
}

/** The agent says that a suggestion is wrong: it goes from the strip. */
export function callWrong(id: string, suggestion: Suggestion): void {
  const message = assist.value?.message;
  if (!message) return;
  marked.value = new Set(marked.value).add(`${message}:${suggestion.id}`);
  tell(id, { message, id: suggestion.id }, "wrong");
  desk.say("Terima kasih. Saran ini ditandai keliru.");
}

/** What the text to be sent came from; asked for once, when it is sent. */
export function takeSource(id: string): Source | null {
  const source = sources.get(id) ?? null;
  sources.delete(id);
  return source;
}

/** The text was emptied: it came from nothing. */
export function dropSource(id: string): void {
  sources.delete(id);
}
