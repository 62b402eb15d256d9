import type { Channel, Message, Owner } from "../shared/message";

/** What the service tells the desk (docs/protocols.md, "Desk"). */

export interface Named {
  id: string;
  label: string;
}

export interface User {
  id: string;
  username: string;
  name: string;
  role: "agent" | "leader" | "trainer" | "admin";
}

export interface Presence {
  state: "ready" | "aux" | "offline";
  reason: string | null;
  since: string | null;
}

export interface Me {
  user: User;
  csrf: string;
  presence: Presence;
  aux_reasons: Named[];
  capacity: number;
}

export interface Summary {
  id: string;
  channel: Channel;
  customer: { id: string; name: string | null; handle: string | null };
  owner: Owner;
  agent: { id: string; name: string } | null;
  episode: number;
  reason: Named | null;
  topic: Named | null;
  urgent: boolean;
  queued_at: string | null;
  opened_at: string | null;
  last_at: string | null;
  last_text: string | null;
  last_author: string | null;
  waiting_since: string | null;
  unread: number;
  idle_due_at: string | null;
  window_closes_at: string | null;
  late: boolean;
}

export type Box = "queue" | "mine" | "all";

export interface BoxAnswer {
  conversations: Summary[];
  counts: Record<Box, number>;
  server_time: string;
}

export interface Ticket {
  number: string;
  topic: Named | null;
  summary: string;
  detail: string;
  product: string | null;
  priority: string;
  status: Named;
  created_at: string;
  promised_at: string | null;
  conversation: string | null;
  version: number;
  notes: { at: string; author: string; text: string }[];
}

export interface Field extends Named {
  value: unknown;
}

export interface Card {
  reason?: Named | null;
  topic?: Named | null;
  confidence?: number | null;
  failed_turns?: number | null;
  form?: { id: string; label: string; fields: Field[]; missing: string[] } | null;
  slots?: Field[];
  consent?: { state: "granted" | "declined" | "withdrawn" | "none"; at?: string | null; version?: string | null; channel?: string | null } | null;
  steps?: { id: string; label: string; done: boolean; at?: string | null }[];
  tickets?: Ticket[];
  reservations?: { code: string; outlet: string; starts_at: string; purpose: string; status: string; label?: string | null }[];
  earlier?: { id: string; opened_at: string; closed_at?: string | null; topic?: Named | string | null; channel: Channel; outcome?: Named | string | null }[];
  insights?: Record<string, { topic: Named; confidence: number; wrong?: boolean }>;
}

export interface Options {
  topics: Named[];
  priorities: Named[];
  statuses: Named[];
  outcomes: Named[];
  products: string[];
  return_reasons: Named[];
}

export interface Detail {
  conversation: Summary;
  messages: Message[];
  card: Card;
}

export type DeskFrame =
  | { type: "ready"; server_time: string }
  | { type: "conversation"; conversation: Summary }
  | { type: "gone"; id: string }
  | { type: "message"; conversation: string; message: Message }
  | { type: "card"; conversation: string }
  | { type: "typing"; conversation: string }
  | { type: "presence"; presence: Presence }
  | { type: "refresh" }
  | { type: "pong" };
