import type { ComponentChildren } from "preact";
import { Modal } from "../../shared/modal";

interface Props {
  title: string;
  confirmLabel: string;
  children: ComponentChildren;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that customers notice. */
export function Confirm({ title, confirmLabel, children, onConfirm, onClose }: Props) {
  return (
    <Modal title={title} onClose={onClose}>
      {children}
      <div class="modal-buttons">
        <button type="button" class="button" onClick={onClose}>
          Batal
        </button>
        <button
          type="button"
          class="button primary"
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {confirmLabel}
        </button>
      </div>
    </Modal>
  );
}
