import { signal } from "@preact/signals";
import { ask } from "../api";
import type { Colleague } from "../shapes";
import { loadPeople, people } from "../floor/store";
import * as desk from "../store";

/** What a "/" or an "@" in the text can become. */

export interface CannedReply {
  id: string;
  shortcut: string;
  title: string;
  text: string;
  filled: string;
  scope: string;
  topics: string[];
  editable: boolean;
}

export interface Offer {
  id: string;
  /** What it is called by. */
  name: string;
  title: string;
  detail: string;
  /** What stands in the text afterwards. */
  becomes: string;
}

/** The word being written that calls for an offer: its kind, where it begins, what is typed so far. */
export interface Calling {
  kind: "reply" | "person";
  from: number;
  word: string;
}

/** As many as stand there without scrolling. */
const LISTED = 6;

const replies = signal<{ conversation: string; list: CannedReply[] } | null>(null);
let asking = "";

/** What calls for an offer right before the cursor, or null. */
export function callingAt(text: string, cursor: number, tab: desk.ComposerTab): Calling | null {
  const found = /(^|\s)([/@])([^\s/@]{0,40})$/.exec(text.slice(0, cursor));
  if (!found) return null;
  const kind = found[2] === "/" ? "reply" : "person";
  if ((kind === "person") !== (tab === "note")) return null;
  return { kind, from: cursor - found[3]!.length - 1, word: found[3]!.toLowerCase() };
}

/** They were changed: asked for again when next called for. */
export function forgetReplies(): void {
  replies.value = null;
  asking = "";
}

async function loadReplies(conversation: string): Promise<void> {
  if (asking === conversation) return;
  asking = conversation;
  const answer = await ask<{ replies: CannedReply[] }>(`/api/desk/replies?conversation=${encodeURIComponent(conversation)}`);
  if (answer) replies.value = { conversation, list: answer.replies };
  else asking = "";
}

function ofReply(reply: CannedReply): Offer {
  const text = reply.filled || reply.text;
  return { id: reply.id, name: `/${reply.shortcut}`, title: reply.title, detail: text, becomes: text };
}

function ofPerson(person: Colleague): Offer {
  return { id: person.id, name: `@${person.name}`, title: person.team?.label ?? "", detail: "", becomes: `@${person.name} ` };
}

/** Shortcuts that begin with the word first, then titles and texts that hold it; what fits the topic before the rest. */
export function offersFor(conversation: string, calling: Calling): Offer[] {
  const { word } = calling;
  if (calling.kind === "person") {
    if (!people.value) void loadPeople();
    const mine = desk.me.value?.user.id;
    return (people.value ?? []).filter((each) => each.id !== mine && each.name.toLowerCase().includes(word)).slice(0, LISTED).map(ofPerson);
  }
  if (replies.value?.conversation !== conversation) void loadReplies(conversation);
  const list = replies.value?.conversation === conversation ? replies.value.list : [];
  const topic = desk.opened.value?.topic?.id;
  const rank = (each: CannedReply): number => {
    const shortcut = each.shortcut.toLowerCase();
    if (shortcut.startsWith(word)) return shortcut === word ? 0 : 1;
    if (each.title.toLowerCase().includes(word)) return 2;
    return each.text.toLowerCase().includes(word) ? 3 : 9;
  };
  const fits = (each: CannedReply): number => (topic && each.topics.includes(topic) ? 0 : 1);
  return list
    .filter((each) => rank(each) < 9)
    .sort((a, b) => rank(a) - rank(b) || fits(a) - fits(b) || a.topics.length - b.topics.length || a.shortcut.localeCompare(b.shortcut))
    .slice(0, LISTED)
    .map(ofReply);
}

/** The colleagues whom a note names. */
export function named(text: string): string[] {
  return (people.value ?? []).filter((each) => text.includes(`@${each.name}`)).map((each) => each.id);
}
