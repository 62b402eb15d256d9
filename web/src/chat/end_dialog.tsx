import { useEffect, useRef } from "preact/hooks";
import { endChat } from "./store";

/** Asks before the conversation is ended. */
export function EndDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="ask"
      aria-labelledby="end-title"
      onClose={onClose}
      onKeyDown={(event) => {
        // Esc closes this dialog, not the whole widget.
        if (event.key === "Escape") event.stopPropagation();
      }}
    >
      <h2 id="end-title">Akhiri percakapan?</h2>
      <p>Bila masih ada yang perlu dibantu, Anda dapat memulai percakapan baru kapan saja.</p>
      <div class="ask-buttons">
        <button type="button" class="button quiet" onClick={() => dialog.current?.close()}>
          Batal
        </button>
        <button
          type="button"
          class="button strong"
          onClick={() => {
            endChat();
            dialog.current?.close();
          }}
        >
          Ya, akhiri
        </button>
      </div>
    </dialog>
  );
}
