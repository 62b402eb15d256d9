import { signal } from "@preact/signals";
import { ask } from "../api";
import type { Mention } from "./shapes";

/** Where colleagues asked this agent in a note. null: the service does not tell. */
export const mentions = signal<Mention[] | null>(null);

export async function loadMentions(): Promise<void> {
  const answer = await ask<{ mentions: Mention[] }>("/api/desk/mentions");
  if (answer) mentions.value = answer.mentions;
}
