import { ageDays, bsuid, choose, faults, lastAnswer, list, problem, saveFaults, twice } from "./store";

const FAILURES: [string, string][] = [
  ["", "Tidak ada"],
  ["131056", "131056 – terlalu cepat ke penerima ini"],
  ["130429", "130429 – batas laju pengiriman"],
  ["131047", "131047 – jendela 24 jam tertutup"],
  ["131026", "131026 – tidak dapat diantar"],
  ["131000", "131000 – gangguan tidak dikenal"],
  ["190", "190 – token kedaluwarsa"],
  ["368", "368 – akun diblokir sementara"],
];

function Check({ label, on, set }: { label: string; on: boolean; set: (on: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={on} onChange={(event) => set(event.currentTarget.checked)} /> {label}
    </label>
  );
}

function Failures() {
  const { fail_code, fail_times, delay_ms, drop_statuses, duplicate, reorder } = faults.value;
  return (
    <fieldset>
      <legend>Gangguan di sisi WhatsApp</legend>
      <label>
        Kode gagal saat Sapa mengirim
        <select aria-label="Kode gagal saat Sapa mengirim" value={fail_code === null ? "" : String(fail_code)} onChange={(event) => void saveFaults({ fail_code: Number(event.currentTarget.value) || null, fail_times: Math.max(1, fail_times) })}>
          {FAILURES.map(([code, label]) => (
            <option key={code} value={code}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label>
        Berapa kali gagal
        <input type="number" min={1} max={99} value={fail_times} onChange={(event) => void saveFaults({ fail_times: Math.max(1, Number(event.currentTarget.value) || 1) })} />
      </label>
      <label>
        Jeda jawaban (milidetik)
        <input type="number" min={0} max={60000} step={500} value={delay_ms} onChange={(event) => void saveFaults({ delay_ms: Math.max(0, Number(event.currentTarget.value) || 0) })} />
      </label>
      <Check label="Status terkirim/dibaca hilang" on={drop_statuses} set={(on) => void saveFaults({ drop_statuses: on })} />
      <Check label="Webhook datang dua kali" on={duplicate} set={(on) => void saveFaults({ duplicate: on })} />
      <Check label="Urutan webhook tertukar" on={reorder} set={(on) => void saveFaults({ reorder: on })} />
    </fieldset>
  );
}

/** Beside the phone: who is writing, and what goes wrong. */
export function SidePanel() {
  return (
    <aside class="side" aria-label="Pengaturan simulator">
      <h1>Simulator WhatsApp</h1>
      <p class="dim">Ponsel tiruan. Pesan dikirim ke webhook Sapa seperti dari Meta, tanpa nomor sungguhan.</p>
      <div role="alert">{problem.value ? <p class="problem">{problem.value}</p> : null}</div>
      <label>
        Nasabah
        <select aria-label="Nasabah" value={bsuid.value} data-testid="phone-select" onChange={(event) => choose(event.currentTarget.value)}>
          {list.value.map((phone) => (
            <option key={phone.bsuid} value={phone.bsuid}>
              {phone.name} ({phone.wa_id ?? "tanpa nomor"})
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>Pesan berikutnya</legend>
        <label>
          Waktu kirim
          <select aria-label="Waktu kirim" value={String(ageDays.value)} onChange={(event) => (ageDays.value = Number(event.currentTarget.value))}>
            <option value="0">Sekarang</option>
            <option value="1">Terlambat 1 hari</option>
            <option value="3">Terlambat 3 hari</option>
          </select>
        </label>
        <Check label="Kirim webhook yang sama dua kali" on={twice.value} set={(on) => (twice.value = on)} />
      </fieldset>
      <Failures />
      <p class="dim answer" role="status">
        {lastAnswer.value}
      </p>
      <p>
        <a href="/desk">Meja petugas</a> · <a href="/">Halaman peragaan</a>
      </p>
    </aside>
  );
}
