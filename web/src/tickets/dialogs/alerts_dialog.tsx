import { useEffect } from "preact/hooks";
import { Modal } from "../../shared/modal";
import { moment } from "../../shared/time";
import { alertSentence } from "../hearing";
import { open } from "../loading";
import * as store from "../store";
import { closeDialog } from "./ask_ticket";

/** What the clocks had to say in the last day, newest first. */
export function AlertsDialog() {
  useEffect(() => store.seeAlerts(), [store.alerts.value]);
  return (
    <Modal title="Peringatan" onClose={closeDialog}>
      {store.alerts.value.length === 0 ? <p class="card-text dim">Tidak ada peringatan dalam 24 jam terakhir.</p> : null}
      <ul class="plain alerts">
        {store.alerts.value.map((each) => (
          <li key={store.alertKey(each)}>
            <button
              type="button"
              class="alert-item"
              onClick={() => {
                closeDialog();
                open(each.ticket);
              }}
            >
              <strong class={each.what === "reminder" ? "warn-text" : "bad"}>{alertSentence(each)}</strong>
              <span>{each.summary}</span>
              <span class="dim">tenggat {moment(each.due_at)}</span>
            </button>
          </li>
        ))}
      </ul>
      <div class="modal-buttons">
        <button type="button" class="button primary" onClick={closeDialog}>
          Tutup
        </button>
      </div>
    </Modal>
  );
}
