import { Modal } from "../../shared/modal";
import { ALWAYS, SHORTCUTS } from "../keys";
import * as desk from "../store";
import { closeDialog } from "./ask";

function Keys({ title, keys }: { title: string; keys: [string, string][] }) {
  return (
    <>
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
    </>
  );
}

/** Every shortcut, and the switch for those of one key. */
export function Help() {
  return (
    <Modal onClose={closeDialog} title="Bantuan pintasan" wide>
      <div class="help-columns">
        <div>
          <Keys title="Satu tombol, di luar kolom tulisan" keys={SHORTCUTS} />
        </div>
        <div>
          <Keys title="Di mana saja" keys={ALWAYS} />
        </div>
      </div>
      <label class="check">
        <input type="checkbox" checked={desk.singleKeys.value} onChange={(event) => desk.setSingleKeys(event.currentTarget.checked)} /> Gunakan pintasan satu tombol
      </label>
      <div class="modal-buttons">
        <button type="button" class="button primary" onClick={closeDialog}>
          Tutup bantuan
        </button>
      </div>
    </Modal>
  );
}
