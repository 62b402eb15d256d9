import type { Media } from "../shared/message";
import { forget, keysWith, load, save } from "../shared/storage";

/** What the browser remembers of a chat between page loads: the visitor's token, the draft and what is not yet sent. */

export interface Session {
  token: string | null;
  conversation: string | null;
  /** Highest seq this customer has seen. */
  seen: number;
  /** Highest seq our side has read. */
  read: number;
}

export interface Outgoing {
  client_id: string;
  order: number;
  text: string;
  payload: string | null;
  reply_to: string | null;
  media: Media[];
  at: string;
  state: "waiting" | "sending" | "failed";
  error: string | null;
}

const EMPTY: Session = { token: null, conversation: null, seen: 0, read: 0 };

export const inbox = new URLSearchParams(window.location.search).get("inbox") ?? "web";
const base = `sapa:chat:${inbox}:`;

export const session: Session = { ...EMPTY, ...load<Session>(`${base}session`) };

export function saveSession(): void {
  save(`${base}session`, session);
}

export const draft = {
  load: () => load<string>(`${base}draft`) ?? "",
  save: (text: string) => (text ? save(`${base}draft`, text) : forget(`${base}draft`)),
};

/** Unsent messages, one key each, so that two open tabs never overwrite each other's. */
export const unsent = {
  load(): Outgoing[] {
    return keysWith(`${base}out:`)
      .map((key) => load<Outgoing>(key))
      .filter((item): item is Outgoing => item !== null)
      .map((item) => ({ ...item, state: item.state === "failed" ? ("failed" as const) : ("waiting" as const) }))
      .sort((a, b) => a.order - b.order);
  },
  save: (item: Outgoing) => save(`${base}out:${item.client_id}`, item),
  forget: (clientId: string) => forget(`${base}out:${clientId}`),
};
