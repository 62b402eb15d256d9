import { signal } from "@preact/signals";
import { call, sentence } from "../../desk/api";
import { say } from "../store";
import type { Overview, Reported, Run } from "./shapes";

/** The models as the service last told them, kept fresh while somebody looks. */

const BASE = "/api/train/models";
const BUSY_MS = 1500;
const QUIET_MS = 12_000;

export const overview = signal<Overview | null>(null);
export const failed = signal<string | null>(null);
/** The model whose report is open, and the report once it is there. */
export const chosen = signal<string | null>(null);
export const reported = signal<Reported | null>(null);
export const busy = signal(false);

let timer: number | undefined;
let watching = false;

/** Keeps the list fresh until the returned function is called. */
export function watch(): () => void {
  watching = true;
  void refresh();
  document.addEventListener("visibilitychange", whenShown);
  return () => {
    watching = false;
    window.clearTimeout(timer);
    document.removeEventListener("visibilitychange", whenShown);
  };
}

function whenShown(): void {
  if (!document.hidden) void refresh();
}

/** Asks for everything again, then sooner or later once more. */
export async function refresh(): Promise<void> {
  window.clearTimeout(timer);
  try {
    const before = overview.value?.run;
    const told = await call<Overview>("GET", BASE);
    overview.value = told;
    failed.value = null;
    const ended = told.run !== null && told.run.state !== "running" && before?.id === told.run.id && before.state === "running";
    if (ended && told.run?.state === "done" && told.run.model) choose(told.run.model);
    else if (chosen.value && ended) void fetchReport(chosen.value);
  } catch (error) {
    failed.value = sentence(error);
  }
  const told = overview.value;
  const moving = told?.run?.state === "running" || told?.engines.some((engine) => !engine.ready && !engine.fault);
  if (watching && !document.hidden) timer = window.setTimeout(() => void refresh(), moving ? BUSY_MS : QUIET_MS);
}

export function choose(model: string | null): void {
  chosen.value = model;
  reported.value = null;
  if (model) void fetchReport(model);
}

async function fetchReport(model: string): Promise<void> {
  try {
    const told = await call<Reported>("GET", `${BASE}/${model}`);
    if (chosen.value === model) reported.value = told;
  } catch (error) {
    say(sentence(error), "error");
  }
}

/** One action at a time; what is refused is said, and the list is fetched again in any case. */
async function act(done: string | null, action: () => Promise<unknown>): Promise<void> {
  if (busy.value) return;
  busy.value = true;
  try {
    await action();
    if (done) say(done);
  } catch (error) {
    say(sentence(error), "error");
  } finally {
    busy.value = false;
    await refresh();
    if (chosen.value) await fetchReport(chosen.value);
  }
}

export function train(): Promise<void> {
  return act(null, () => call<{ run: Run }>("POST", `${BASE}/runs`, { kind: "train" }));
}

export function compare(model: string): Promise<void> {
  return act(null, () => call<{ run: Run }>("POST", `${BASE}/runs`, { kind: "report", model }));
}

export function cancel(run: string): Promise<void> {
  return act(null, () => call("POST", `${BASE}/runs/${run}/cancel`));
}

export function promote(model: string): Promise<void> {
  return act("Model dipakai. Mesin memuatnya dalam beberapa detik.", () =>
    call("POST", `${BASE}/${model}/promote`, { over: overview.value?.in_service ?? "" }),
  );
}

export function rollBack(to: string): Promise<void> {
  return act("Model sebelumnya dipakai kembali.", () => call("POST", `${BASE}/rollback`, { to }));
}
