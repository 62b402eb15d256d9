import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clock } from "../../shared/time";
import { insert } from "../composer/text";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { tick, untick } from "./actions";
import type { Procedure, Step } from "./shapes";

/** The guide's steps above the composer: what is done, what is missing, what to say next. */

/** Who or what ticked the step, in a sentence; "" while it is open. */
export function tickedBy(step: Step): string {
  if (!step.done) return "";
  const at = step.at ? ` pukul ${clock(step.at)}` : "";
  if (step.how === "hand") return `Ditandai ${step.by?.name ?? "petugas"}${at}${step.reason ? `: ${step.reason}` : ""}`;
  if (!step.by) return `Dari percakapan${at}`;
  return step.evidence ? `Dari pesan ${step.by.name}${at}` : `Dilakukan ${step.by.name}${at}`;
}

/** The ids of the steps that some outcome still lacks. */
export function lacking(procedure: Procedure): Set<string> {
  return new Set(procedure.missing.solved ?? Object.values(procedure.missing).flat());
}

/** Puts what the step says into the composer. */
export function sayStep(id: string, step: Step): void {
  insert(id, step.hint);
}

function HandTick({ id, step, onDone }: { id: string; step: Step; onDone: () => void }) {
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get("reason") ?? "").trim();
    if (reason && (await tick(id, step, reason))) onDone();
  };
  return (
    <form class="step-tick" onSubmit={submit}>
      <input name="reason" class="field" required maxLength={200} aria-label={`Alasan menandai ${step.label}`} placeholder="Alasan, misalnya: disampaikan lewat telepon" />
      <button type="submit" class="button small">
        Tandai selesai
      </button>
    </form>
  );
}

function Opened({ id, step, mine, onClose }: { id: string; step: Step; mine: boolean; onClose: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const away = (event: PointerEvent) => !(event.target as HTMLElement).closest(".steps-bar") && onClose();
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, []);
  return (
    <div class="step-open" id="step-open" ref={box} role="group" aria-label={step.label}>
      <p class="step-hint">{step.hint}</p>
      {step.done ? <p class="dim">{tickedBy(step)}</p> : null}
      {mine ? (
        <div class="step-buttons">
          <button
            type="button"
            class="button small primary"
            onClick={() => {
              sayStep(id, step);
              onClose();
            }}
          >
            Sisipkan teks
          </button>
          {step.done && step.how === "hand" ? (
            <button type="button" class="button small" onClick={() => void untick(id, step).then((worked) => worked && onClose())}>
              Batalkan tanda
            </button>
          ) : null}
          {step.done ? null : <HandTick id={id} step={step} onDone={onClose} />}
        </div>
      ) : null}
    </div>
  );
}

export function ProcedureBar({ summary, procedure }: { summary: Summary; procedure: Procedure }) {
  const open = useSignal<string | null>(null);
  const wanted = lacking(procedure);
  const chosen = procedure.steps.find((each) => each.id === open.value);
  const mine = desk.mayAct(summary) && summary.owner === "agent";
  const close = () => (open.value = null);
  return (
    <section
      class="steps-bar"
      aria-label={procedure.guide.label}
      data-testid="procedure"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open.value) return;
        event.stopPropagation();
        document.getElementById(`step-${open.value}`)?.focus();
        close();
      }}
    >
      {chosen ? <Opened id={summary.id} step={chosen} mine={mine} onClose={close} key={chosen.id} /> : null}
      <ol>
        {procedure.steps.map((step, at) => {
          const state = step.done ? "done" : wanted.has(step.id) ? "wanted" : "open";
          return (
            <li key={step.id}>
              <button
                type="button"
                id={`step-${step.id}`}
                class={`step ${state}`}
                aria-expanded={open.value === step.id}
                aria-controls={open.value === step.id ? "step-open" : undefined}
                title={[step.hint, tickedBy(step)].filter(Boolean).join("\n")}
                onClick={() => (open.value = open.value === step.id ? null : step.id)}
              >
                <span aria-hidden="true">{step.done ? "✓" : at + 1}</span> {step.label}
                <span class="visually-hidden">{{ done: " (selesai)", wanted: " (wajib, belum)", open: " (belum)" }[state]}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
