/** What the assist makes of a customer's message (docs/protocols.md, "Assist"). */

export interface Suggestion {
  id: string;
  kind: "knowledge" | "canned" | "question";
  title: string;
  text: string;
  source: string | null;
  last_confirmed: string | null;
}

export interface TicketPrefill {
  topic?: string | null;
  summary?: string | null;
  detail?: string | null;
  product?: string | null;
  priority?: string | null;
}

export interface Flag {
  id: "angry" | "urgent" | "fraud" | "vulnerable" | "leaving";
  label: string;
  words: string[];
}

export interface Assist {
  message: string;
  took_ms?: number;
  topic: { id: string; label: string; confidence: number } | null;
  entities?: { entity: string; label: string; value: string }[];
  suggestions: Suggestion[];
  prefill?: { ticket?: TicketPrefill | null; reservation?: Record<string, string | null> | null } | null;
  duplicates?: { number: string; summary: string; status: unknown }[];
  flags?: Flag[];
}

export interface AssistAnswer {
  assist: Assist | null;
  summary: string[];
}

/** What a text in the composer came from. */
export interface Source {
  message: string;
  id: string;
}
