import { moment, span } from "../../shared/time";
import type { Run } from "./shapes";
import { busy, cancel } from "./store";

const STAGES: { stage: Run["stage"]; label: string }[] = [
  { stage: "check", label: "Memeriksa data" },
  { stage: "understanding", label: "Melatih pemahaman" },
  { stage: "dialogue", label: "Melatih dialog" },
  { stage: "evaluation", label: "Menilai" },
];

const ENDED: Record<string, string> = {
  done: "Selesai",
  failed: "Gagal",
  cancelled: "Dibatalkan",
  broken_off: "Terputus",
};

function Running({ run }: { run: Run }) {
  const stages = run.kind === "train" ? STAGES : STAGES.slice(-1);
  return (
    <>
      <ol class="stages">
        {stages.map(({ stage, label }) => (
          <li key={stage} aria-current={run.stage === stage ? "step" : undefined}>
            {label}
          </li>
        ))}
      </ol>
      <progress max={100} value={run.progress} aria-label="Kemajuan">
        {run.progress}%
      </progress>
      <p class="run-foot">
        <span role="status">
          {run.stage_label}, {run.progress}%
        </span>
        <span class="dim">
          mulai {moment(run.started_at)}
          {run.by ? ` oleh ${run.by}` : ""}
        </span>
        <button type="button" class="button small" disabled={busy.value || run.cancelling} onClick={() => void cancel(run.id)}>
          {run.cancelling ? "Membatalkan…" : "Batalkan"}
        </button>
      </p>
    </>
  );
}

function Ended({ run }: { run: Run }) {
  const took = run.ended_at ? span(Date.parse(run.ended_at) - Date.parse(run.started_at)) : "";
  const tone = run.state === "done" ? "good" : run.state === "cancelled" ? "" : "bad";
  return (
    <>
      <p class="run-foot">
        <span class={`chip ${tone}`}>{ENDED[run.state]}</span>
        <span class="dim">
          {run.ended_at ? moment(run.ended_at) : ""}, {took}
          {run.by ? `, oleh ${run.by}` : ""}
        </span>
      </p>
      {run.faults.length > 0 ? (
        <ul class="faults">
          {run.faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

/** The training or comparison under way, or how the last one ended. */
export function RunBox({ run }: { run: Run }) {
  const title = run.kind === "train" ? "Pelatihan" : "Penilaian ulang";
  return (
    <section class="box" aria-label={title}>
      <h2>{run.state === "running" ? `${title} berjalan` : `${title} terakhir`}</h2>
      {run.state === "running" ? <Running run={run} /> : <Ended run={run} />}
    </section>
  );
}
