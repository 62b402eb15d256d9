import { call, conversationPath, sentence } from "../api";
import { reloadCard } from "../loading";
import type { Summary } from "../shapes";
import * as desk from "../store";
import type { Procedure, Step } from "./shapes";

/** What an agent does about the guide. */

async function change(id: string, rest: string, body: unknown): Promise<boolean> {
  try {
    const answer = await call<{ procedure: Procedure; conversation?: Summary }>("POST", conversationPath(id, rest), body);
    if (desk.openId.value === id) desk.procedure.value = answer.procedure;
    if (answer.conversation) desk.putSummaries([answer.conversation]);
    return true;
  } catch (error) {
    desk.say(sentence(error), "error");
    return false;
  }
}

/** Ticks a step by hand, with the reason that is kept. */
export function tick(id: string, step: Step, reason: string): Promise<boolean> {
  return change(id, "/steps", { step: step.id, reason });
}

/** Takes back a tick by hand. */
export function untick(id: string, step: Step): Promise<boolean> {
  return change(id, "/steps", { step: step.id, undo: true });
}

/** Says whether what the customer told was right; the answer itself stays with the agent. What it unlocks comes with the card. */
export async function verify(id: string, field: string, matched: boolean): Promise<void> {
  if (await change(id, "/verify", { field, matched })) void reloadCard(id);
}

/** Says what the conversation is about. */
export function setTopic(id: string, topic: string): Promise<boolean> {
  return change(id, "/topic", { topic });
}
