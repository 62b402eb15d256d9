import type { Named, Summary, Way } from "../shapes";

/** The customer beside the conversation (docs/protocols.md, "Customers"). */

export interface Merge {
  id: string;
  other: { id: string; name: string | null; handle: string | null };
  because: Named;
  state: "proposed" | "merged" | "refused" | "undone";
}

export interface CustomerAnswer {
  customer: { id: string; name: string | null; identities: { kind: string; label: string; value: string }[]; since: string | null };
  consent: { purpose: string; state: string; at: string | null; version: string | null; channel: string | null }[];
  merges: Merge[];
}

export interface JourneyEntry {
  at: string;
  kind: "conversation" | "ticket" | "reservation" | "consent" | "contact" | "survey";
  id: string;
  title: string;
  detail: string | null;
  channel: Way | null;
  conversation: string | null;
}

export interface Mention {
  conversation: Summary;
  message: string;
  by: { id: string; name: string };
  text: string;
  at: string;
  answered: boolean;
}
