import { useSignal } from "@preact/signals";
import { moment } from "../../shared/time";
import { Confirm } from "./Confirm";
import type { Answer, Model, Report, Reported, Rule } from "./shapes";
import { busy, chosen, compare, overview, promote, reported } from "./store";
import { direction, percent, points } from "./words";

const MARKS = { passed: "Lulus", failed: "Tidak lulus", none: "Tanpa pembanding" };

function RuleLine({ rule }: { rule: Rule }) {
  const verdict = rule.passed === null ? "none" : rule.passed ? "passed" : "failed";
  const tone = { passed: "good", failed: "bad", none: "" }[verdict];
  return (
    <li>
      <span class={`chip ${tone}`}>{MARKS[verdict]}</span>
      <span>
        <strong>{rule.label}.</strong> {rule.sentence}
      </span>
    </li>
  );
}

/** Why a model cannot be promoted now; null if it can. */
function barrier(model: Model, told: Reported): string | null {
  if (model.state === "in_service") return "Model ini sedang dipakai.";
  if (overview.value?.run?.state === "running") return "Tunggu sampai pelatihan selesai.";
  if (told.stale) return "Model yang dipakai sudah berganti sejak penilaian ini. Nilai ulang terlebih dahulu.";
  const stopped = told.gate.rules.filter((rule) => rule.passed === false).map((rule) => rule.label);
  return stopped.length > 0 ? `Belum boleh dipakai: ${stopped.join(", ")}.` : null;
}

function Actions({ model, told }: { model: Model; told: Reported }) {
  const asking = useSignal(false);
  const reason = barrier(model, told);
  const running = overview.value?.run?.state === "running";
  return (
    <div class="report-actions">
      <button
        type="button"
        class="button primary"
        disabled={reason !== null || busy.value}
        aria-describedby={reason ? "barrier" : undefined}
        onClick={() => (asking.value = true)}
      >
        Pakai model ini
      </button>
      {model.state !== "in_service" ? (
        <button type="button" class="button" disabled={running || busy.value} onClick={() => void compare(model.id)}>
          Nilai ulang
        </button>
      ) : null}
      {reason ? (
        <p id="barrier" class="dim">
          {reason}
        </p>
      ) : null}
      {asking.value ? (
        <Confirm
          title="Pakai model ini?"
          confirmLabel="Pakai"
          onConfirm={() => void promote(model.id)}
          onClose={() => (asking.value = false)}
        >
          <p>
            Semua percakapan dijawab dengan <strong class="code">{model.name}</strong> mulai pesan berikutnya. Percakapan yang sedang berjalan tidak terputus, dan
            Anda dapat kembali ke model sebelumnya kapan saja.
          </p>
        </Confirm>
      ) : null}
    </div>
  );
}

function Intents({ report }: { report: Report }) {
  const all = useSignal(false);
  const now = report.cross_validation;
  if (!now) return null;
  const before = report.against_cross_validation;
  const rows = Object.entries(now.by_intent).map(([intent, { f1, examples }]) => {
    const was = before?.by_intent[intent]?.f1;
    return { intent, f1, examples, was, change: was === undefined ? 0 : f1 - was };
  });
  const moved = rows.filter((row) => before && (row.was === undefined || Math.abs(row.change) >= 0.01));
  rows.sort((a, b) => (before ? a.change - b.change : a.f1 - b.f1));
  const shown = all.value || !before ? rows : rows.filter((row) => moved.includes(row));
  return (
    <section class="box" aria-label="Nilai setiap intent">
      <h3>Nilai setiap intent (F1, uji silang)</h3>
      <p class="figures">
        Rata-rata <strong>{percent(now.macro_f1)}</strong> ± {percent(now.fold_spread)}
        {before ? (
          <>
            , {report.against_recorded ? "nilai acuan" : "sebelumnya"} {percent(before.macro_f1)} <Change by={now.macro_f1 - before.macro_f1} />
          </>
        ) : null}
      </p>
      {before && moved.length === 0 && !all.value ? <p class="dim">Tidak ada intent yang berubah satu poin atau lebih.</p> : null}
      {shown.length > 0 ? (
        <table class="f1-table">
          <thead>
            <tr>
              <th>Intent</th>
              <th class="number examples">Contoh</th>
              {before ? <th class="number">{report.against_recorded ? "Acuan" : "Dulu"}</th> : null}
              <th class="number">Kini</th>
              {before ? <th class="number">Selisih</th> : null}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.intent}>
                <td class="code">{row.intent}</td>
                <td class="number examples">{row.examples}</td>
                {before ? <td class="number">{percent(row.was)}</td> : null}
                <td class="number">{percent(row.f1)}</td>
                {before ? <td class="number">{row.was === undefined ? "baru" : <Change by={row.change} />}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {before ? (
        <button type="button" class="button small" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
          {all.value ? "Hanya yang berubah" : `Semua intent (${rows.length})`}
        </button>
      ) : null}
    </section>
  );
}

function Change({ by }: { by: number }) {
  return <span class={`change ${direction(by)}`}>{points(by)}</span>;
}

function Said({ answer }: { answer: Answer }) {
  return (
    <>
      {answer.label}
      {answer.answer ? <span class="dim code"> {answer.answer}</span> : null} <span class="dim">{percent(answer.confidence)}</span>
    </>
  );
}

function Changed({ report }: { report: Report }) {
  const changed = report.changed ?? [];
  if (!report.messages_read) return null;
  return (
    <section class="box" aria-label="Jawaban yang berubah">
      <h3>
        Jawaban yang berubah: {changed.length} dari {report.messages_read} pesan nyata
      </h3>
      <ul class="changed">
        {changed.map((one) => (
          <li key={one.text}>
            <q>{one.text}</q>
            <span class="before">
              <span class="visually-hidden">sebelumnya </span>
              <Said answer={one.before} />
            </span>
            <span class="after">
              <span class="visually-hidden">menjadi </span>
              <Said answer={one.after} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Conversations({ report }: { report: Report }) {
  const failed = report.conversations?.failed ?? [];
  if (failed.length === 0) return null;
  return (
    <section class="box" aria-label="Percakapan yang gagal">
      <h3>Percakapan yang gagal</h3>
      <ul class="plain">
        {failed.map((one) => (
          <li key={`${one.file}-${one.channel}`}>
            <strong>{one.name}</strong> <span class="dim code">{one.channel}</span>
            {one.failure ? (
              <p class="dim">
                Langkah {one.failure.step}: {one.failure.did} → diharapkan {one.failure.expected}, terdengar {one.failure.heard}
              </p>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Warnings({ report }: { report: Report }) {
  const warnings = report.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <details class="box">
      <summary>Perlu diperhatikan ({warnings.length})</summary>
      <ul class="plain">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </details>
  );
}

/** The chosen model's report: rules, what may be done, and the figures behind. */
export function ReportView() {
  const model = overview.value?.models.find((each) => each.id === chosen.value);
  const told = reported.value;
  if (!model) return <p class="empty">Pilih model untuk melihat laporannya.</p>;
  if (!told) return <p class="empty" role="status">Memuat laporan…</p>;
  return (
    <div class="report">
      <section class="box" aria-label="Laporan">
        <h2>
          Laporan <span class="code">{model.name}</span>
        </h2>
        <p class="dim">{told.reported_at ? `Dinilai ${moment(told.reported_at)}` : "Belum dinilai terhadap model yang dipakai."}</p>
        {model.state === "in_service" && !told.report ? null : (
          <ul class="rules">
            {told.gate.rules.map((rule) => (
              <RuleLine key={rule.rule} rule={rule} />
            ))}
          </ul>
        )}
        <Actions model={model} told={told} />
      </section>
      {told.report ? (
        <>
          <Changed report={told.report} />
          <Conversations report={told.report} />
          <Intents report={told.report} />
          <Warnings report={told.report} />
        </>
      ) : null}
    </div>
  );
}
