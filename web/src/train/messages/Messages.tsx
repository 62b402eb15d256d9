import { useEffect } from "preact/hooks";
import { Modal } from "../../shared/modal";
import { Detail } from "./detail";
import { DiffPane } from "./diff";
import { IntentPicker, NewIntent } from "./intents";
import { listenToKeys, SHORTCUTS, toggleDiff } from "./keys";
import { List } from "./list";
import { loadDiff, loadOptions, loadQueue } from "./loading";
import * as queue from "./store";

function close(): void {
  queue.dialog.value = null;
}

function Keys() {
  return (
    <Modal title="Pintasan" onClose={close}>
      <dl class="shortcuts">
        {SHORTCUTS.map(([key, label]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <div class="modal-buttons">
        <button type="button" class="button primary" autofocus onClick={close}>
          Tutup
        </button>
      </div>
    </Modal>
  );
}

/** The review queue: list, message, what changed. */
export function Messages() {
  useEffect(() => {
    void loadOptions();
    void loadQueue();
    void loadDiff();
    return listenToKeys();
  }, []);
  const diff = queue.diff.value;
  const dialog = queue.dialog.value;
  return (
    <div class={`review ${queue.showsDiff.value ? "with-diff" : ""}`} data-pane={queue.pane.value}>
      {queue.options.value?.broken ? (
        <p class="broken" role="alert">
          {queue.options.value.broken}
        </p>
      ) : null}
      <div class="review-bar">
        <button type="button" class="button small" aria-pressed={queue.showsDiff.value} onClick={toggleDiff}>
          <kbd>d</kbd> Perubahan {diff && diff.added + diff.removed > 0 ? `(+${diff.added} −${diff.removed})` : ""}
        </button>
        <button type="button" class="button small keys-help" onClick={() => (queue.dialog.value = "keys")}>
          <kbd>?</kbd> Pintasan
        </button>
        <span class="dim" role="status">
          {queue.underway.value > 0 ? "Menyimpan…" : queue.done.value.length > 0 ? `${queue.done.value.length} diputuskan` : ""}
        </span>
      </div>
      <List />
      <Detail />
      {queue.showsDiff.value ? <DiffPane /> : null}
      {dialog === "intents" ? <IntentPicker /> : null}
      {dialog === "new" ? <NewIntent /> : null}
      {dialog === "keys" ? <Keys /> : null}
    </div>
  );
}
