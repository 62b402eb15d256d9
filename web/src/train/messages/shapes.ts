/** What the service tells the trainers' page (docs/protocols.md, "Trainers"). */

export interface Named {
  id: string;
  label: string;
}

export interface Intent extends Named {
  examples: number;
}

export interface Options {
  intents: Intent[];
  entities: Named[];
  reasons: Named[];
  topics: Named[];
  channels: Named[];
  broken: string | null;
}

export interface Guess {
  intent: string | null;
  label: string;
  confidence: number;
  fallback: boolean;
  second: { intent: string; label: string } | null;
}

export interface Group {
  id: string;
  text: string;
  at: string;
  channel: "whatsapp" | "livechat";
  guess: Guess;
  reasons: Named[];
  score: number;
  also: string[];
  others: { id: string; text: string; at: string }[];
}

export interface Page {
  groups: Group[];
  next: string | null;
  total: { groups: number; messages: number };
  cut: boolean;
}

export interface Said {
  id: string;
  author: "customer" | "bot" | "agent" | "system";
  text: string;
  at: string;
  tapped: boolean;
  here: boolean;
}

export interface Review {
  decision: Decision;
  label: string;
  intent: string | null;
  example: string | null;
  by: { id: string; name: string };
  at: string;
}

export interface Opened {
  conversation: { id: string; closed: boolean };
  around: Said[];
  review: Review | null;
}

export interface Decided {
  review: Review;
  messages: string[];
  example: { text: string; place: string; written: boolean } | null;
  missing: string[];
}

export interface Diff {
  diff: string;
  added: number;
  removed: number;
  missing: string[];
}

/** From code point `start` to `end` of the example's text. */
export interface Mark {
  start: number;
  end: number;
  entity: string;
}

export type Decision = "right" | "other" | "new" | "out_of_topic" | "skip";
