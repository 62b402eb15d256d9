/** A message as shown: the shape that chat and desk share (docs/protocols.md, "A message as shown"). */

export type Author = "customer" | "bot" | "agent" | "system";
export type Delivery = "queued" | "sending" | "uncertain" | "sent" | "delivered" | "read" | "played" | "failed" | "dropped";
export type Channel = "whatsapp" | "livechat";
export type Owner = "bot" | "queue" | "agent" | "closed";

export interface Choice {
  id: string;
  title: string;
  description?: string | null;
}

export interface ChoiceList {
  label: string;
  sections: { title?: string | null; rows: Choice[] }[];
}

export interface Media {
  id: string;
  kind: "image" | "video" | "audio" | "document" | "sticker";
  name?: string | null;
  mime?: string | null;
  size?: number | null;
  url?: string | null;
  state?: "stored" | "pending" | "failed";
}

export interface Place {
  latitude: number;
  longitude: number;
  name?: string | null;
  address?: string | null;
}

export interface Message {
  id: string;
  seq: number;
  client_id?: string | null;
  author: Author;
  name?: string | null;
  text?: string | null;
  at: string;
  reply_to?: string | null;
  buttons?: Choice[] | null;
  list?: ChoiceList | null;
  media?: Media[] | null;
  location?: Place | null;
  reaction?: { to: string; emoji?: string | null } | null;
  note?: boolean;
  edited?: boolean;
  revoked?: boolean;
  delivery?: Delivery | null;
  error?: string | null;
}

/** Whether the entry is nothing but a reaction to another message. */
export function isReactionOnly(message: Message): boolean {
  return Boolean(message.reaction) && message.reaction?.to !== message.id;
}

/** The reactions each message carries, by its id: told on the message itself or by entries of their own. */
export function reactionsByMessage(all: Message[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { reaction } of all) {
    if (!reaction) continue;
    if (reaction.emoji) found.set(reaction.to, String(reaction.emoji));
    else found.delete(reaction.to);
  }
  return found;
}

/** Every row of a list, across its sections. */
export function listRows(list: ChoiceList): Choice[] {
  return list.sections.flatMap((section) => section.rows);
}
