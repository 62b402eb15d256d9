import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { Modal } from "./modal";
import type { Kept } from "./kept";

/** A dialog that asks for something and stays open, with what was typed, until that has worked. */

interface AskProps {
  title: string;
  submitLabel: string;
  children: ComponentChildren;
  onClose: () => void;
  onSubmit: (data: FormData) => Promise<void>;
  wide?: boolean;
  /** It cannot be done any more; what was typed can still be read. */
  over?: boolean;
  /** Where what was typed is kept until it is sent. */
  kept?: Kept;
}

export function Ask({ title, submitLabel, children, onClose, onSubmit, wide, over = false, kept }: AskProps) {
  const error = useSignal("");
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    error.value = "";
    try {
      await onSubmit(new FormData(event.currentTarget as HTMLFormElement));
      kept?.forget();
      onClose();
    } catch (problem) {
      error.value = problem instanceof Error && problem.message ? problem.message : "Terjadi gangguan. Mohon coba lagi.";
    } finally {
      busy.value = false;
    }
  };
  return (
    <Modal onClose={onClose} title={title} wide={wide}>
      <form onSubmit={submit} onInput={kept?.onInput} ref={kept?.ref}>
        {children}
        <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
        <div class="modal-buttons">
          <button type="button" class="button" onClick={onClose}>
            Batal
          </button>
          <button type="submit" class="button primary" disabled={busy.value || over}>
            {submitLabel}
          </button>
        </div>
      </form>
    </Modal>
  );
}
