import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { moment } from "../../shared/time";
import { Confirm } from "./Confirm";
import { ReportView } from "./ReportView";
import { RunBox } from "./RunBox";
import type { Model, Overview } from "./shapes";
import { busy, choose, chosen, failed, overview, rollBack, train, watch } from "./store";
import { percent } from "./words";
import "./models.css";

const STATES: Record<Model["state"], { label: string; tone: string }> = {
  in_service: { label: "Dipakai", tone: "good" },
  served: { label: "Pernah dipakai", tone: "" },
  candidate: { label: "Belum boleh dipakai", tone: "warn" },
};

function state(model: Model): { label: string; tone: string } {
  if (model.state === "candidate" && model.passed) return { label: "Siap dipakai", tone: "good" };
  return STATES[model.state];
}

function conversations(model: Model): string {
  const played = model.scores?.conversations;
  return played ? `${played.ran - played.failed}/${played.ran}` : "–";
}

/** Opens a model's report, or closes it; where the report stands below the list, it is brought into view. */
function toggle(model: Model): void {
  const open = chosen.value !== model.id;
  choose(open ? model.id : null);
  if (open && matchMedia("(max-width: 940px)").matches) requestAnimationFrame(() => document.querySelector(".models-report")?.scrollIntoView());
}

function Row({ model }: { model: Model }) {
  const { label, tone } = state(model);
  return (
    <li>
      <button type="button" class="model" aria-pressed={chosen.value === model.id} onClick={() => toggle(model)}>
        <span class="model-top">
          <span class={`chip ${tone}`}>{label}</span>
          <strong>{moment(model.made_at)}</strong>
          <span class="dim">{model.by ?? (model.origin === "added" ? "dibuat di luar halaman ini" : "")}</span>
        </span>
        <span class="model-name code">{model.name}</span>
        <span class="model-scores">
          <span>F1 {percent(model.scores?.macro_f1)}</span>
          <span>Data uji {percent(model.scores?.test_macro_f1)}</span>
          <span>Percakapan {conversations(model)}</span>
          <span class="dim">
            {model.examples ? `${model.examples.toLocaleString("id-ID")} contoh, ` : ""}data {model.data_revision ?? "tidak diketahui"}
          </span>
        </span>
      </button>
    </li>
  );
}

function InService({ told }: { told: Overview }) {
  const asking = useSignal(false);
  const model = told.models.find((each) => each.id === told.in_service);
  const previous = told.models.find((each) => each.id === told.previous);
  const faults = told.engines.filter((engine) => engine.fault);
  const loading = told.engines.filter((engine) => !engine.ready && !engine.fault);
  return (
    <section class="box" aria-label="Model yang dipakai">
      <h2>Model yang dipakai</h2>
      {model ? (
        <p class="code strong">{model.name}</p>
      ) : (
        <p>{told.in_service ? "Model bawaan; belum ada yang dipilih lewat halaman ini." : "Tidak diketahui: mesin tidak menjawab."}</p>
      )}
      {told.since ? (
        <p class="dim">
          sejak {moment(told.since)}
          {told.since_by ? `, oleh ${told.since_by}` : ""}
        </p>
      ) : null}
      {loading.length > 0 ? (
        <p role="status" class="dim">
          {loading.length} mesin sedang memuat model…
        </p>
      ) : null}
      {faults.length > 0 ? (
        <ul class="faults">
          {faults.map((engine) => (
            <li key={engine.engine}>
              <span class="code">{engine.engine}</span>: {engine.fault}
            </li>
          ))}
        </ul>
      ) : null}
      <div class="buttons">
        <button type="button" class="button primary" disabled={busy.value || told.lacking !== null || told.run?.state === "running"} onClick={() => void train()}>
          Latih model baru
        </button>
        {told.previous ? (
          <button type="button" class="button" disabled={busy.value} onClick={() => (asking.value = true)}>
            Kembali ke model sebelumnya
          </button>
        ) : null}
      </div>
      {told.lacking ? <p class="dim">{told.lacking}</p> : null}
      {asking.value && told.previous ? (
        <Confirm title="Kembali ke model sebelumnya?" confirmLabel="Kembali" onConfirm={() => void rollBack(told.previous ?? "")} onClose={() => (asking.value = false)}>
          <p>
            Semua percakapan dijawab dengan <strong class="code">{previous?.name ?? "model sebelumnya"}</strong> mulai pesan berikutnya.
          </p>
        </Confirm>
      ) : null}
    </section>
  );
}

function History({ told }: { told: Overview }) {
  if (told.history.length === 0) return null;
  const name = (id: string) => told.models.find((each) => each.id === id)?.name ?? id;
  return (
    <details class="box">
      <summary>Riwayat pemakaian</summary>
      <ul class="plain">
        {told.history.map((each) => (
          <li key={each.at + each.model}>
            {moment(each.at)}: <span class="code">{name(each.model)}</span> {each.label}
            {each.by ? ` oleh ${each.by}` : ""}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Training, comparing and releasing models. */
export function Models() {
  useEffect(watch, []);
  const told = overview.value;
  if (!told) {
    return failed.value ? <p class="empty large bad" role="alert">{failed.value}</p> : <p class="empty large" role="status">Memuat…</p>;
  }
  return (
    <div class="models">
      <div class="models-list">
        {failed.value ? <p class="bad" role="alert">{failed.value}</p> : null}
        <InService told={told} />
        {told.run ? <RunBox run={told.run} /> : null}
        <section aria-label="Semua model">
          {told.models.length === 0 ? <p class="empty">Belum ada model yang dilatih dari halaman ini.</p> : null}
          <ul class="model-list">
            {told.models.map((model) => (
              <Row key={model.id} model={model} />
            ))}
          </ul>
        </section>
        <History told={told} />
      </div>
      <div class={`models-report ${chosen.value ? "open" : ""}`}>
        <ReportView />
      </div>
    </div>
  );
}
