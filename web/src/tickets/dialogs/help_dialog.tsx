import { Modal } from "../../shared/modal";
import { SHORTCUTS } from "../keys";
import { ACTIONS } from "../actions";
import * as store from "../store";
import { closeDialog } from "./ask_ticket";

function Keys({ title, keys }: { title: string; keys: [string, string][] }) {
  return (
    <div>
      <h3>{title}</h3>
      <dl class="shortcuts">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Every shortcut, and the switch for them. */
export function HelpDialog() {
  const actions = ACTIONS.flatMap(({ key, label }): [string, string][] => (key ? [[key, label]] : []));
  return (
    <Modal onClose={closeDialog} title="Bantuan pintasan" wide>
      <div class="help-columns">
        <Keys title="Daftar dan tiket" keys={SHORTCUTS} />
        <Keys title="Tindakan pada tiket yang terbuka" keys={actions} />
      </div>
      <label class="check">
        <input type="checkbox" checked={store.singleKeys.value} onChange={(event) => store.setSingleKeys(event.currentTarget.checked)} /> Gunakan pintasan satu tombol
      </label>
      <div class="modal-buttons">
        <button type="button" class="button primary" onClick={closeDialog}>
          Tutup bantuan
        </button>
      </div>
    </Modal>
  );
}
