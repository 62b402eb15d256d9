import type { Channel, Message, Owner } from "../shared/message";
import type { Assist } from "./assist/shapes";
import type { Alert } from "../tickets/shapes";
import type { Procedure } from "./procedure/shapes";

/** What the service tells the desk (docs/protocols.md, "Desk" and the sections after it). Keys a service may not know yet are optional. */

export interface Named {
  id: string;
  label: string;
}

/** A person by name. */
export interface Person {
  id: string;
  name: string;
}

export interface User extends Person {
  username: string;
  role: "agent" | "leader" | "trainer" | "admin" | "division";
}

export interface Presence {
  state: "ready" | "aux" | "wrapup" | "offline";
  reason: string | null;
  since: string | null;
  limit_at?: string | null;
}

export interface Me {
  user: User;
  csrf: string;
  presence: Presence;
  aux_reasons: Named[];
  capacity: number;
  team?: Named | null;
}

export interface Colleague extends Person {
  role: string;
  team: Named | null;
  presence: Presence;
  load: number;
  capacity: number;
}

/** Where a conversation is held; the last four are recorded by hand. */
export type Way = Channel | "phone" | "outlet_call" | "walk_in" | "social";

export interface Summary {
  id: string;
  channel: Way;
  customer: { id: string; name: string | null; handle: string | null };
  owner: Owner;
  agent: Person | null;
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
  team?: Named | null;
  language?: string | null;
  offer?: { agent: Person; expires_at: string } | null;
  from_agent?: Person | null;
  for_agent?: Person | null;
  handoff_note?: string | null;
  wrapup_until?: string | null;
  manual?: boolean;
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
  priority: Named;
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

export interface Reservation {
  code: string;
  outlet: string;
  starts_at: string;
  purpose: string;
  status: string;
  label?: string | null;
}

export interface Card {
  reason?: Named | null;
  topic?: Named | null;
  confidence?: number | null;
  failed_turns?: number | null;
  form?: { id: string; label: string; fields: Field[]; missing: string[] } | null;
  slots?: Field[];
  consent?: { state: "granted" | "declined" | "withdrawn" | "none"; at?: string | null; version?: string | null; channel?: string | null } | null;
  tickets?: Ticket[];
  reservations?: Reservation[];
  earlier?: { id: string; opened_at: string; closed_at?: string | null; topic?: Named | string | null; channel: Way; outcome?: Named | string | null }[];
  insights?: Record<string, { topic: Named; confidence: number; wrong?: boolean }>;
  locked?: { contact: boolean; tickets: number; reservations: number; history: number };
}

export interface ContactKind extends Named {
  guide: string;
  caller?: string | null;
}

export interface Options {
  topics: Named[];
  priorities: Named[];
  statuses: Named[];
  outcomes: Named[];
  products: string[];
  return_reasons: Named[];
  teams?: (Named & { tier: number })[];
  transfer_reasons?: Named[];
  decline_reasons?: Named[];
  sub_topics?: Record<string, Named[]>;
  contacts?: ContactKind[];
  verification_fields?: Named[];
  outlets?: Named[];
}

export interface Detail {
  conversation: Summary;
  messages: Message[];
  card: Card;
  procedure?: Procedure | null;
  draft?: string | null;
}

export interface Viewer extends Person {
  writing: boolean;
}

export type DeskFrame =
  | { type: "ready"; server_time: string }
  | { type: "conversation"; conversation: Summary }
  | { type: "gone"; id: string }
  | { type: "message"; conversation: string; message: Message }
  | { type: "card"; conversation: string }
  | { type: "typing"; conversation: string }
  | { type: "presence"; presence: Presence }
  | { type: "people" }
  | { type: "assist"; conversation: string; assist: Assist }
  | { type: "mention"; conversation: string; by: Person; text: string }
  | { type: "viewers"; conversation: string; viewers: Viewer[] }
  | { type: "ticket"; number: string }
  | { type: "alert"; alert: Alert }
  | { type: "refresh" }
  | { type: "pong" };
