import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Modal } from "../../shared/modal";
import { sentence } from "../api";
import type { CannedReply } from "../composer/canned";
import { keepReply, kept, loadKept, removeReply, type Scope } from "../composer/canned_editing";
import * as desk from "../store";
import { closeDialog } from "./ask";

/** The canned replies: everybody reads them, each agent writes their own, who leads writes the team's and all's. */

const SCOPE: Record<string, string> = { client: "Bawaan", all: "Semua petugas", team: "Tim", mine: "Saya" };
const PLACES = "{sapaan} {nama} {petugas} {tiket} {salam} {waktu} {merek}";

function Form({ reply, onDone }: { reply: CannedReply | null; onDone: () => void }) {
  const error = useSignal("");
  const busy = useSignal(false);
  const scopes: Scope[] = desk.leads.value ? ["mine", "team", "all"] : ["mine"];
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const said = (name: string) => String(data.get(name) ?? "").trim();
    busy.value = true;
    error.value = "";
    try {
      const draft = { scope: said("scope") as Scope, shortcut: said("shortcut"), title: said("title"), text: said("text"), topics: reply?.topics ?? [] };
      await keepReply(reply?.id ?? null, draft);
      onDone();
    } catch (problem) {
      error.value = sentence(problem);
      busy.value = false;
    }
  };
  return (
    <form class="reply-form" aria-label={reply ? `Ubah balasan /${reply.shortcut}` : "Balasan baru"} onSubmit={submit}>
      <div class="field-pair">
        <label class="field-label">
          Pintasan
          <input name="shortcut" class="field" required maxLength={40} pattern="[a-z][a-z0-9_]*" title="Huruf kecil, angka, dan garis bawah, diawali huruf" autocomplete="off" defaultValue={reply?.shortcut ?? ""} />
        </label>
        <label class="field-label">
          Untuk
          <select name="scope" class="field">
            {scopes.map((each) => (
              <option key={each} value={each} selected={each === (reply?.scope ?? "mine")}>
                {SCOPE[each]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label class="field-label">
        Judul
        <input name="title" class="field" required maxLength={100} autocomplete="off" defaultValue={reply?.title ?? ""} />
      </label>
      <label class="field-label">
        Teks
        <textarea name="text" class="field" required rows={5} maxLength={2000} defaultValue={reply?.text ?? ""} />
      </label>
      <p class="card-text dim">Terisi sendiri: {PLACES}</p>
      <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
      <div class="modal-buttons">
        <button type="button" class="button" onClick={onDone}>
          Batal
        </button>
        <button type="submit" class="button primary" disabled={busy.value}>
          Simpan balasan
        </button>
      </div>
    </form>
  );
}

function Row({ reply, onEdit }: { reply: CannedReply; onEdit: () => void }) {
  const asking = useSignal(false);
  const remove = () => void removeReply(reply.id).catch((problem: unknown) => desk.say(sentence(problem), "error"));
  return (
    <li data-testid="canned-reply">
      <p class="card-text">
        <kbd>/{reply.shortcut}</kbd> <strong>{reply.title}</strong> <span class="chip">{SCOPE[reply.scope] ?? reply.scope}</span>
      </p>
      <p class="reply-text dim">{reply.text}</p>
      {reply.editable ? (
        <span class="row-buttons">
          <button type="button" class="button small" aria-label={`Ubah /${reply.shortcut}`} onClick={onEdit}>
            Ubah
          </button>
          {asking.value ? (
            <>
              <button type="button" class="button small danger" onClick={remove}>
                Ya, hapus
              </button>
              <button type="button" class="button small" onClick={() => (asking.value = false)}>
                Batal
              </button>
            </>
          ) : (
            <button type="button" class="button small" aria-label={`Hapus /${reply.shortcut}`} onClick={() => (asking.value = true)}>
              Hapus
            </button>
          )}
        </span>
      ) : null}
    </li>
  );
}

export function RepliesDialog() {
  const editing = useSignal<CannedReply | "new" | null>(null);
  const words = useSignal("");
  useEffect(() => void loadKept(), []);
  const wanted = words.value.trim().toLowerCase();
  const found = (kept.value ?? [])
    .filter((each) => `${each.shortcut} ${each.title} ${each.text}`.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.editable) - Number(a.editable));
  if (editing.value) {
    return (
      <Modal onClose={closeDialog} title="Balasan siap pakai" wide key="form">
        <Form reply={editing.value === "new" ? null : editing.value} onDone={() => (editing.value = null)} />
      </Modal>
    );
  }
  return (
    <Modal onClose={closeDialog} title="Balasan siap pakai" wide key="list">
      <div class="replies-top">
        <input class="field" type="search" aria-label="Cari balasan" placeholder="Cari pintasan, judul, isi…" value={words.value} onInput={(event) => (words.value = event.currentTarget.value)} />
        <button type="button" class="button" onClick={() => (editing.value = "new")}>
          Balasan baru
        </button>
      </div>
      {kept.value && found.length === 0 ? <p class="card-text dim">Tidak ada yang cocok.</p> : null}
      <ul class="plain replies" tabIndex={0} aria-label="Daftar balasan">
        {found.map((reply) => (
          <Row key={reply.id} reply={reply} onEdit={() => (editing.value = reply)} />
        ))}
      </ul>
      <div class="modal-buttons">
        <button type="button" class="button primary" onClick={closeDialog}>
          Selesai
        </button>
      </div>
    </Modal>
  );
}
