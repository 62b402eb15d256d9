import { call, sentence } from "../../desk/api";
import { Ask } from "../../shared/ask";
import { Choose } from "../fields";
import { loadViews, TICKETS } from "../loading";
import type { View } from "../shapes";
import * as store from "../store";
import { closeDialog } from "./ask_ticket";

/** Saving what the list shows now as a view, and taking views away. */

const SCOPES = [
  { id: "mine", label: "Hanya saya" },
  { id: "unit", label: "Unit saya" },
  { id: "all", label: "Semua" },
];

async function remove(view: View): Promise<void> {
  try {
    await call<null>("DELETE", `${TICKETS}/views/${encodeURIComponent(view.id)}`);
    await loadViews();
  } catch (error) {
    store.say(sentence(error), "error");
  }
}

export function ViewDialog() {
  const editable = store.views.value.filter((each) => each.editable);
  return (
    <Ask
      title="Simpan tampilan"
      submitLabel="Simpan"
      onClose={closeDialog}
      onSubmit={async (data) => {
        const filter = Object.fromEntries(Object.entries(store.filter.value).filter(([, value]) => value !== ""));
        await call("POST", `${TICKETS}/views`, { title: String(data.get("title")).trim(), scope: String(data.get("scope") ?? "mine"), filter });
        await loadViews();
        store.say("Tampilan disimpan.");
      }}
    >
      <label class="field-label">
        Nama tampilan
        <input name="title" class="field" required maxLength={60} autocomplete="off" autofocus />
      </label>
      <Choose name="scope" label="Untuk" items={store.leads.value ? SCOPES : SCOPES.slice(0, 1)} chosen="mine" />
      {editable.length > 0 ? (
        <>
          <h3>Tersimpan</h3>
          <ul class="plain members">
            {editable.map((each) => (
              <li key={each.id}>
                {each.title}
                <button type="button" class="button small" aria-label={`Hapus tampilan ${each.title}`} onClick={() => void remove(each)}>
                  Hapus
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Ask>
  );
}
