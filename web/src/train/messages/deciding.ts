import { batch } from "@preact/signals";
import { call, DeskError, sentence } from "../../desk/api";
import { say } from "../store";
import { choose, loadDiffSoon, loadMore, loadOptions } from "./loading";
import type { Decided, Decision, Group, Mark } from "./shapes";
import * as queue from "./store";

/** Decisions: the list goes on at once, the service is told one after the other; what it refuses comes back into the list. */

interface Words {
  intent?: string;
  label?: string;
}

let line: Promise<void> = Promise.resolve();

function inTurn(work: () => Promise<void>): void {
  queue.underway.value += 1;
  line = line.then(work).finally(() => (queue.underway.value -= 1));
}

/** Decides about the chosen group. */
export function decide(decision: Decision, words: Words = {}): void {
  const group = queue.chosen.value;
  if (!group) return;
  if (decision === "right" && !group.guess.intent) {
    say("Model tidak punya tebakan untuk pesan ini. Pilih topiknya dengan 2.", "error");
    return;
  }
  const at = queue.groups.value.indexOf(group);
  const text = queue.edited.value;
  const marks = queue.marks.value;
  takeOut(group, at);
  inTurn(() => send(group, at, decision, words, text, marks));
}

function takeOut(group: Group, at: number): void {
  const rest = queue.groups.value.filter((each) => each !== group);
  batch(() => {
    queue.groups.value = rest;
    count(-1, group);
    choose((rest[at] ?? rest.at(-1))?.id ?? null);
    queue.dialog.value = null;
  });
  if (rest.length - at < 5) void loadMore();
}

function count(sign: 1 | -1, group: Group): void {
  const { groups, messages } = queue.total.value;
  queue.total.value = { groups: Math.max(0, groups + sign), messages: Math.max(0, messages + sign * (1 + group.also.length)) };
}

async function send(group: Group, at: number, decision: Decision, words: Words, text: string | null, marks: Mark[]): Promise<void> {
  const intent = decision === "right" ? group.guess.intent : words.intent;
  try {
    const decided = await call<Decided>("POST", `/api/train/messages/${encodeURIComponent(group.id)}/decide`, {
      decision,
      ...words,
      intent,
      text,
      entities: marks,
      also: group.also,
    });
    queue.done.value = [...queue.done.value, { group, at, label: decided.review.label }];
    tell(decided, group);
    if (decided.missing.length > 0) void loadOptions();
    if (decision !== "skip") loadDiffSoon();
  } catch (error) {
    refused(error, group, at, text, marks);
  }
}

function tell(decided: Decided, group: Group): void {
  const many = group.also.length > 0 ? ` (${group.also.length + 1} pesan)` : "";
  if (decided.missing.length > 0) say(`Intent baru dicatat. ${decided.missing.length} hal masih diperlukan sebelum dilatih; lihat Perubahan.`);
  else if (decided.example && !decided.example.written) say(`Sudah ada di ${decided.example.place}; tidak ditulis dua kali.`);
  else say(`${capital(decided.review.label)}${many}. Batalkan dengan u.`);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function refused(error: unknown, group: Group, at: number, text: string | null, marks: Mark[]): void {
  say(sentence(error), "error");
  if (error instanceof DeskError && error.code === "conflict") return; // somebody else decided it: it is done
  putBack(group, at);
  choose(group.id);
  const hidden = error instanceof DeskError && error.code === "personal_data" ? (error.body as { text?: string } | null)?.text : undefined;
  queue.edited.value = hidden ?? text;
  queue.marks.value = hidden === undefined ? marks : [];
}

function putBack(group: Group, at: number): void {
  if (queue.groups.value.some((each) => each.id === group.id)) return;
  const list = [...queue.groups.value];
  list.splice(Math.min(at, list.length), 0, group);
  queue.groups.value = list;
  count(1, group);
}

/** Makes the conversation a test, if it is closed and can be played again. */
export async function makeTest(conversation: string): Promise<void> {
  try {
    const made = await call<{ file: string; created: boolean }>("POST", `/api/train/conversations/${encodeURIComponent(conversation)}/test`);
    say(made.created ? `Uji percakapan ditulis: ${made.file}` : `Uji percakapan sudah ada: ${made.file}`);
  } catch (error) {
    say(sentence(error), "error");
  }
}

/** Takes back the latest decision made on this page. */
export function undo(): void {
  inTurn(async () => {
    const last = queue.done.value.at(-1);
    if (!last) {
      say("Tidak ada keputusan yang dapat dibatalkan.");
      return;
    }
    try {
      await call("POST", `/api/train/messages/${encodeURIComponent(last.group.id)}/undo`);
      queue.done.value = queue.done.value.slice(0, -1);
      batch(() => {
        putBack(last.group, last.at);
        choose(last.group.id);
      });
      say("Keputusan dibatalkan.");
      loadDiffSoon();
    } catch (error) {
      if (error instanceof DeskError && error.status === 404) queue.done.value = queue.done.value.slice(0, -1);
      say(sentence(error), "error");
    }
  });
}
