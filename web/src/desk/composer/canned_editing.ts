import { signal } from "@preact/signals";
import { ask, call } from "../api";
import { type CannedReply, forgetReplies } from "./canned";

/** The canned replies of this agent, the team and all, as they are written down. */

export type Scope = "mine" | "team" | "all";

export interface ReplyDraft {
  scope: Scope;
  shortcut: string;
  title: string;
  text: string;
  topics: string[];
}

/** null: not asked for yet. */
export const kept = signal<CannedReply[] | null>(null);

export async function loadKept(): Promise<void> {
  const answer = await ask<{ replies: CannedReply[] }>("/api/desk/replies");
  if (answer) kept.value = answer.replies;
}

/** Writes a reply down, anew or over the one with this id. Throws on failure. */
export async function keepReply(id: string | null, draft: ReplyDraft): Promise<void> {
  await (id ? call("PUT", `/api/desk/replies/${encodeURIComponent(id)}`, draft) : call("POST", "/api/desk/replies", draft));
  forgetReplies();
  await loadKept();
}

export async function removeReply(id: string): Promise<void> {
  await call("DELETE", `/api/desk/replies/${encodeURIComponent(id)}`);
  forgetReplies();
  await loadKept();
}
