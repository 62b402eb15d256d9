import type { Named, Person, User } from "../desk/shapes";
import type { Media } from "../shared/message";

/** What the service tells about tickets (docs/protocols.md, "Tickets"). Keys a service may not know yet are optional. */

export interface Me {
  user: User;
  csrf: string;
  team?: Named | null;
}

export interface Row {
  number: string;
  kind: Named;
  topic: Named | string | null;
  product: string | null;
  category: Named | null;
  sub_category: Named | string | null;
  summary: string;
  priority: Named;
  status: Named;
  unit: Named;
  accepted: boolean;
  assignee: Person | null;
  customer: { id: string; name: string | null } | null;
  channel: string | null;
  outlet: Named | null;
  created_at: string;
  updated_at: string;
  due_at: string | null;
  hop_due_at: string | null;
  breached_at: string | null;
  hop_breached_at: string | null;
  paused: boolean;
  call_back_at: string | null;
  calls: number;
  closed_at: string | null;
  restricted: boolean;
  version: number;
}

export interface Note {
  id: string;
  at: string;
  author: string | null;
  audience: "internal" | "customer";
  text: string;
}

export interface Hop {
  hop: number;
  unit: Named;
  from: Named | null;
  reason: Named | null;
  note: string | null;
  sent_at: string;
  sent_by: string | Person | null;
  accepted_at: string | null;
  accepted_by: string | Person | null;
  ended_at: string | null;
  ended_how: string | null;
  due_at?: string | null;
  breached_at?: string | null;
  worked_s?: number | null;
}

export interface Entry {
  at: string;
  by: string | Person | null;
  what: string;
}

export interface Link {
  number: string;
  kind: "related" | "merged" | "split" | "merged_from" | "split_from";
  summary: string;
  status: Named;
}

export interface Call {
  at: string;
  by: string | Person | null;
  outcome: Named;
  note: string;
  next_at: string | null;
}

export interface Clock {
  limit: string;
  due_at: string | null;
  elapsed_s: number;
  left_s: number | null;
  paused_s: number;
  breached_at: string | null;
}

export interface Monev {
  id: string;
  outlet: Named | string;
  question: string;
  sent_at: string;
  sent_by?: string | Person | null;
  due_at: string | null;
  revoked_at: string | null;
  answered_at: string | null;
  answered_by?: string | null;
  position?: string | null;
  chronology?: string | null;
  follow_up?: string | null;
}

export interface Ticket extends Row {
  detail: string;
  reporter: string | null;
  contact: string | null;
  conversation: string | null;
  promised_at: string | null;
  form: Record<string, unknown> | null;
  resolution: string | null;
  solved_how: string | null;
  solved_form?: Record<string, unknown> | null;
  merged_into: string | null;
  allowed: string[];
  notes: Note[];
  hops: Hop[];
  history: Entry[];
  files: Media[];
  links: Link[];
  call_log: Call[];
  clock?: { overall: Clock | null; hop: Clock | null };
  jira: { key: string; url?: string } | null;
  monev?: Monev[];
  case?: boolean;
  /** Whereto it may be returned. */
  returns_to?: Named | null;
}

export interface ListAnswer {
  tickets: Row[];
  next: string | null;
  total: number;
  more: boolean;
}

export interface UnitCount {
  open: number;
  waiting: number;
  late: number;
}

export interface Counts {
  mine: number;
  calls: number;
  late: number;
  units: Record<string, UnitCount>;
}

export interface FormField extends Named {
  kind: "text" | "long" | "date" | "money" | "choice" | "outlet" | "phone";
  required: boolean;
  choices: string[];
}

export interface Form {
  label: string;
  fields: FormField[];
}

export interface Kind extends Named {
  form?: string | null;
  topic?: string | null;
  restricted?: boolean;
}

export interface Category extends Named {
  subs: Named[];
}

export interface Options {
  kinds: Kind[];
  units: (Named & { tier: number })[];
  statuses: Named[];
  priorities: Named[];
  topics: Named[];
  catalogue: { product: string; categories: Category[] }[];
  dispatch_reasons: Named[];
  return_reasons: Named[];
  reopen_reasons: Named[];
  call_outcomes: Named[];
  forms: Record<string, Form>;
  outlets: Named[];
  people: (Person & { unit: string | null })[];
  evidence: (Named & { required: boolean })[];
  decisions: Named[];
  /** What a customer reads at a change, where the service tells it. */
  notices?: Record<string, string>;
}

export interface Alert {
  ticket: string;
  what: "reminder" | "breach" | "escalation";
  scope: "hop" | "overall";
  due_at: string;
  summary: string;
  at?: string;
}

export interface View {
  id: string;
  title: string;
  scope: "mine" | "unit" | "all";
  filter: Record<string, string>;
  editable: boolean;
}

export interface Evidence extends Named {
  required: boolean;
  state: "missing" | "there" | "refused";
  file: Media | null;
  note: string;
  by: string | Person | null;
  at: string | null;
}

export interface Case {
  claimed: number | null;
  members: Person[];
  evidence: Evidence[];
  minutes: { id: string; held_at: string; attendees: { name: string; unit: string }[]; text: string; by: string | Person | null; at: string }[];
  decision: Named | null;
  amount: number | null;
  grounds: string | null;
  proposed_by: string | Person | null;
  proposed_at: string | null;
  approved_by: string | Person | null;
  approved_at: string | null;
  missing: string[];
  allowed: string[];
}

/** The words of something that is named, or is a word already. */
export function word(value: Named | string | null | undefined): string {
  return typeof value === "string" ? value : value?.label ?? "";
}

/** Who, in a word. */
export function who(value: string | Person | null | undefined): string {
  return typeof value === "string" ? value : value?.name ?? "Sistem";
}
