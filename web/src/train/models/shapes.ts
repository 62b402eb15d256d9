/** What the service tells of models (docs/protocols.md). */

export interface Scores {
  macro_f1: number | null;
  spread: number | null;
  test_macro_f1: number | null;
  confidently_wrong: number | null;
  conversations: { ran: number; failed: number } | null;
}

export interface Model {
  id: string;
  name: string;
  state: "in_service" | "served" | "candidate";
  origin: "trained" | "added";
  made_at: string;
  by: string | null;
  data_revision: string | null;
  examples: number | null;
  scores: Scores | null;
  passed: boolean;
}

export interface Run {
  id: string;
  kind: "train" | "report";
  state: "running" | "done" | "failed" | "cancelled" | "broken_off";
  stage: "check" | "understanding" | "dialogue" | "evaluation";
  stage_label: string;
  progress: number;
  model: string | null;
  faults: string[];
  cancelling: boolean;
  started_at: string;
  ended_at: string | null;
  by: string | null;
}

export interface Engine {
  engine: string;
  ready: boolean;
  fault: string | null;
  seen_at: string;
}

export interface Promotion {
  model: string;
  how: "found" | "promoted" | "rolled_back";
  label: string;
  at: string;
  by: string | null;
}

export interface Overview {
  models: Model[];
  in_service: string | null;
  since: string | null;
  since_by: string | null;
  previous: string | null;
  history: Promotion[];
  run: Run | null;
  engines: Engine[];
  lacking: string | null;
}

export interface Rule {
  rule: string;
  label: string;
  passed: boolean | null;
  sentence: string;
}

export interface Answer {
  answer: string | null;
  topic: string;
  label: string;
  confidence: number;
}

export interface CrossValidation {
  macro_f1: number;
  fold_spread: number;
  by_intent: Record<string, { f1: number; examples: number }>;
  not_counted?: string[];
}

export interface Failed {
  name: string;
  file?: string;
  channel?: string;
  failure?: { step: number; did: string; expected: string; heard: string };
}

export interface Report {
  cross_validation?: CrossValidation | null;
  against_cross_validation?: CrossValidation | null;
  /** What stands in against_cross_validation is the project's mark, for the model in service was never measured. */
  against_recorded?: boolean;
  test_set?: { lines: number; candidate: { macro_f1: number; confidently_wrong: number } } | null;
  conversations?: { ran: number; failed: Failed[] } | null;
  changed?: { text: string; before: Answer; after: Answer }[];
  messages_read?: number;
  warnings?: string[];
}

export interface Reported {
  model: string;
  report: Report | null;
  reported_at: string | null;
  stale: boolean;
  gate: { passed: boolean; rules: Rule[] };
}
