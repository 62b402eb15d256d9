import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Modal } from "../shared/modal";
import { finish, giveBack } from "./actions";
import { sentence } from "./api";
import { SHORTCUTS } from "./keys";
import { needOptions } from "./loading";
import { NewTicket } from "./ticket_form";
import * as desk from "./store";

function closeDialog(): void {
  desk.dialog.value = null;
}

interface AskProps {
  title: string;
  submitLabel: string;
  children: ComponentChildren;
  onSubmit: (data: FormData) => Promise<void>;
}

function Ask({ title, submitLabel, children, onSubmit }: AskProps) {
  const error = useSignal("");
  const busy = useSignal(false);
  useEffect(needOptions, []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    error.value = "";
    try {
      await onSubmit(new FormData(event.currentTarget as HTMLFormElement));
      closeDialog();
    } catch (problem) {
      error.value = sentence(problem);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Modal onClose={closeDialog} title={title}>
      <form onSubmit={submit}>
        {children}
        <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
        <div class="modal-buttons">
          <button type="button" class="button" onClick={closeDialog}>
            Batal
          </button>
          <button type="submit" class="button primary" disabled={busy.value}>
            {submitLabel}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function Return({ id }: { id: string }) {
  const reasons = desk.options.value?.return_reasons ?? [];
  return (
    <Ask title="Kembalikan ke bot" submitLabel="Kembalikan" onSubmit={(data) => giveBack(id, String(data.get("reason") ?? ""))}>
      <fieldset class="radios">
        <legend>Alasan</legend>
        {reasons.map((each, at) => (
          <label key={each.id}>
            <input type="radio" name="reason" value={each.id} required defaultChecked={at === 0} /> {each.label}
          </label>
        ))}
        {reasons.length === 0 ? <input name="reason" class="field" aria-label="Alasan" required /> : null}
      </fieldset>
    </Ask>
  );
}

const OUTCOMES = [
  { id: "solved", label: "Selesai" },
  { id: "ticket", label: "Dilanjutkan dengan tiket" },
  { id: "no_response", label: "Nasabah tidak merespons" },
  { id: "out_of_topic", label: "Di luar topik" },
];

function Close({ id }: { id: string }) {
  const known = desk.options.value?.outcomes;
  const outcomes = known && known.length > 0 ? known : OUTCOMES;
  return (
    <Ask
      title="Tutup percakapan"
      submitLabel="Tutup percakapan"
      onSubmit={(data) => finish(id, String(data.get("outcome")), data.get("closing") === "on")}
    >
      <fieldset class="radios">
        <legend>Hasil</legend>
        {outcomes.map((each, at) => (
          <label key={each.id}>
            <input type="radio" name="outcome" value={each.id} required defaultChecked={at === 0} /> {each.label}
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input type="checkbox" name="closing" defaultChecked /> Kirim salam penutup dan survei
      </label>
    </Ask>
  );
}

function Help() {
  return (
    <Modal onClose={closeDialog} title="Bantuan pintasan">
      <dl class="shortcuts">
        {SHORTCUTS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>Kirim; Shift+Enter untuk baris baru</dd>
        </div>
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>Keluar dari kolom tulisan atau dialog</dd>
        </div>
      </dl>
      <label class="check">
        <input type="checkbox" checked={desk.singleKeys.value} onChange={(event) => desk.setSingleKeys(event.currentTarget.checked)} /> Gunakan pintasan satu
        tombol
      </label>
      <div class="modal-buttons">
        <button type="button" class="button primary" onClick={closeDialog}>
          Tutup bantuan
        </button>
      </div>
    </Modal>
  );
}

/** Whichever dialog is open. */
export function Dialogs() {
  const id = desk.openId.value;
  const which = desk.dialog.value;
  if (which === "help") return <Help />;
  if (!id || !which) return null;
  if (which === "return") return <Return id={id} />;
  if (which === "close") return <Close id={id} />;
  return (
    <Modal onClose={closeDialog} title="Tiket baru">
      <NewTicket id={id} onDone={closeDialog} />
    </Modal>
  );
}
