import type { Named, Person } from "../shapes";

/** The guide of a conversation and who the customer is known to be (docs/protocols.md, "The procedure"). */

export interface Step extends Named {
  hint: string;
  done: boolean;
  at?: string | null;
  by?: Person | null;
  how?: "evidence" | "hand" | null;
  reason?: string | null;
  evidence?: string | null;
  required?: string[];
}

export interface Level {
  level: number;
  label: string;
  needs: string;
  reached: boolean;
  unlocks: string[];
}

export interface Verification {
  level: number;
  label?: string | null;
  fields: (Named & { matched: boolean | null; at?: string | null })[];
  levels: Level[];
}

export interface Procedure {
  guide: Named;
  steps: Step[];
  missing: Record<string, string[]>;
  verification: Verification;
}
