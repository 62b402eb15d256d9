import { computed, signal } from "@preact/signals";
import { ask, call, conversationPath, DeskError, sentence } from "../api";
import { closeConversation, loadBoxesSoon, openConversation } from "../loading";
import type { Colleague, Presence, Summary } from "../shapes";
import * as desk from "../store";

/** Who works at the desk, what is offered to whom, and what an agent says about both. */

/** null: not asked for yet, or the service does not tell. */
export const people = signal<Colleague[] | null>(null);
/** Whom a transfer dialog begins with. */
export const transferTo = signal<string | null>(null);

export const offers = computed(() => desk.queue.value.filter((each) => desk.isOfferedToMe(each, desk.now.value)));

export async function loadPeople(): Promise<void> {
  const answer = await ask<{ people: Colleague[] }>("/api/desk/people");
  if (answer) people.value = answer.people;
}

/** Somebody's state or load has changed: asked for again where it can be seen. */
export function peopleChanged(): void {
  const which = desk.dialog.peek();
  if (which === "people" || which === "transfer") void loadPeople();
}

export async function setPresence(state: Presence["state"], reason: string | null): Promise<void> {
  try {
    const presence = await call<Presence>("POST", "/api/desk/presence", { state, reason });
    if (desk.me.value) desk.me.value = { ...desk.me.value, presence };
  } catch (error) {
    desk.say(sentence(error), "error");
    // The switch shows what is true, not what was wished for.
    if (desk.me.value) desk.me.value = { ...desk.me.value };
  }
}

/** A leader sets a colleague's state. */
export async function setPresenceOf(id: string, state: Presence["state"], reason: string | null): Promise<void> {
  try {
    const presence = await call<Presence>("POST", `/api/desk/people/${encodeURIComponent(id)}/presence`, { state, reason });
    people.value = (people.value ?? []).map((each) => (each.id === id ? { ...each, presence } : each));
  } catch (error) {
    desk.say(sentence(error), "error");
    void loadPeople();
  }
}

/** The offer goes on to the next. */
export async function decline(summary: Summary, reason: string): Promise<void> {
  try {
    const { conversation } = await call<{ conversation: Summary }>("POST", conversationPath(summary.id, "/decline"), { episode: summary.episode, reason });
    desk.putSummaries([conversation]);
  } catch (error) {
    if (!(error instanceof DeskError && error.status === 409)) desk.say(sentence(error), "error");
    loadBoxesSoon();
  }
}

/** Hands the conversation to a team or a colleague. Throws on failure, so that the dialog stays open. */
export async function transfer(id: string, to: string, reason: string, note: string): Promise<void> {
  const { conversation } = await call<{ conversation: Summary }>("POST", conversationPath(id, "/transfer"), { to, reason, note });
  desk.putSummaries([conversation]);
  desk.say("Percakapan dialihkan.");
  if (desk.openId.value === id) closeConversation();
}

/** Writing up is done; with `next`, the longest waiting of the agent's own comes up. */
export async function endWrapup(id: string, next: boolean): Promise<void> {
  try {
    const { conversation } = await call<{ conversation: Summary }>("POST", conversationPath(id, "/wrapup"));
    desk.putSummaries([conversation]);
  } catch (error) {
    return desk.say(sentence(error), "error");
  }
  const following = desk.mine.value.find((each) => each.id !== id && desk.isMine(each));
  if (next && following) void openConversation(following.id);
  else if (desk.openId.value === id) closeConversation();
}
