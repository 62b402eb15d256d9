import { useSignal } from "@preact/signals";
import { Modal } from "../../shared/modal";
import { decide } from "./deciding";
import * as queue from "./store";

/** Choosing the right topic, or beginning a new intent. */

function close(): void {
  queue.dialog.value = null;
}

/** A type-ahead of all intents: letters filter, arrows move, Enter decides. */
export function IntentPicker() {
  const typed = useSignal("");
  const at = useSignal(0);
  const words = typed.value.toLowerCase().split(/\s+/).filter(Boolean);
  const second = queue.chosen.value?.guess.second?.intent;
  const found = (queue.options.value?.intents ?? [])
    .filter((each) => words.every((word) => `${each.label} ${each.id.replaceAll("_", " ")}`.toLowerCase().includes(word)))
    .sort((a, b) => Number(b.id === second) - Number(a.id === second));
  const current = Math.min(at.value, found.length - 1);
  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      at.value = (current + step + found.length) % found.length;
      document.getElementById(`intent-${found[at.value]!.id}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && found[current]) decide("other", { intent: found[current].id });
    else return;
    event.preventDefault();
  };
  return (
    <Modal title="Topik yang benar" onClose={close}>
      <input
        class="field"
        role="combobox"
        aria-expanded="true"
        aria-controls="intents"
        aria-activedescendant={found[current] ? `intent-${found[current].id}` : undefined}
        aria-label="Cari topik"
        placeholder="Ketik sebagian nama topik…"
        autofocus
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={key}
      />
      <ul id="intents" class="intents plain" role="listbox" aria-label="Topik">
        {found.map((each, index) => (
          <li
            key={each.id}
            id={`intent-${each.id}`}
            role="option"
            aria-selected={index === current}
            onClick={() => decide("other", { intent: each.id })}
          >
            <span>
              {each.label}
              {each.id === second ? <span class="mark"> pendapat kedua</span> : null}
            </span>
            <span class="dim">{each.examples} contoh</span>
          </li>
        ))}
        {found.length === 0 ? <li class="empty">Tidak ada yang cocok. Tekan Esc lalu 3 untuk intent baru.</li> : null}
      </ul>
    </Modal>
  );
}

/** A new intent gets a file of its own; what else it needs is told afterwards. */
export function NewIntent() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    decide("new", { intent: String(data.get("intent")).trim(), label: String(data.get("label")).trim() });
  };
  return (
    <Modal title="Intent baru" onClose={close}>
      <form onSubmit={submit}>
        <label class="field-label">
          Nama intent
          <input class="field" name="intent" required pattern="[a-z][a-z0-9_]{2,39}" placeholder="info_pajak" autocapitalize="none" autocomplete="off" autofocus />
          <span>3 sampai 40 huruf kecil, angka, dan garis bawah.</span>
        </label>
        <label class="field-label">
          Keterangan
          <input class="field" name="label" maxLength={80} placeholder="Pertanyaan tentang pajak" autocomplete="off" />
        </label>
        <p class="dim">
          Berkas contohnya dibuat sekarang. Sebelum dapat dilatih, intent baru masih memerlukan domain.yml, topik di client.yml, dan aturan jawaban; yang kurang tertulis di panel
          Perubahan.
        </p>
        <div class="modal-buttons">
          <button type="button" class="button" onClick={close}>
            Batal
          </button>
          <button type="submit" class="button primary">
            Buat intent
          </button>
        </div>
      </form>
    </Modal>
  );
}
