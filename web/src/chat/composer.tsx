import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { computed, signal } from "@preact/signals";
import { ClipIcon, CloseIcon, SendIcon } from "../shared/icons";
import { fileSize } from "../shared/time";
import { draft } from "./session";
import { limits, outbox, reportTyping, typingOver } from "./store";
import { addFiles, removeUpload, retryUpload, takeDone, uploads } from "./upload";

const text = signal(draft.load());
const uploading = computed(() => uploads.value.some((each) => each.state === "uploading"));
const ready = computed(() => uploads.value.some((each) => each.state === "done"));
const tooLong = computed(() => text.value.length > limits.value.text);
let field: HTMLTextAreaElement | null = null;

/** Moves the focus to the text field; only when the chat opens, never because a message came. */
export function focusComposer(): void {
  field?.focus({ preventScroll: true });
}

function write(value: string): void {
  text.value = value;
  draft.save(value);
}

function submit(): void {
  const body = text.value.trim();
  if (uploading.value || tooLong.value || (!body && !ready.value)) return;
  outbox.add({ text: body, media: takeDone() });
  write("");
  typingOver();
  focusComposer();
}

function fit(element: HTMLTextAreaElement): void {
  element.style.height = "auto";
  element.style.height = `${Math.min(element.scrollHeight, 132)}px`;
}

function Attachments() {
  if (uploads.value.length === 0) return null;
  return (
    <ul class="uploads" aria-label="Lampiran">
      {uploads.value.map((each) => (
        <li key={each.key} class={`upload ${each.state}`}>
          <div class="upload-body">
            <span class="upload-name">
              {each.file.name} <span class="dim">{fileSize(each.file.size)}</span>
            </span>
            {each.state === "uploading" ? <progress max={100} value={each.progress} aria-label={`Mengunggah ${each.file.name}`} /> : null}
            {each.state === "done" ? <span class="visually-hidden">sudah terunggah</span> : null}
            {each.state === "failed" ? (
              <span class="upload-error" role="alert">
                {each.error}{" "}
                <button type="button" class="text-button" onClick={() => retryUpload(each.key)}>
                  Coba lagi
                </button>
              </span>
            ) : null}
          </div>
          <button type="button" class="upload-remove" aria-label={`Hapus lampiran ${each.file.name}`} onClick={() => removeUpload(each.key)}>
            <CloseIcon />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Hint() {
  const left = limits.value.text - text.value.length;
  if (tooLong.value) return <p class="hint error">Pesan terlalu panjang. Mohon kurangi {-left} karakter.</p>;
  if (left < limits.value.text / 10) return <p class="hint">Sisa {left} karakter</p>;
  return null;
}

/** Where the customer writes: text, files, send. */
export function Composer() {
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const value = text.value;
  // Before anything else runs: the widget may already be open and ask for the focus.
  useLayoutEffect(() => {
    field = area.current;
  }, []);
  useEffect(() => {
    if (area.current) fit(area.current);
  }, [value]);
  const empty = value.trim() === "" && !ready.value;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Attachments />
      <Hint />
      <div class="composer-row">
        <input
          ref={picker}
          type="file"
          class="visually-hidden"
          tabIndex={-1}
          aria-hidden="true"
          multiple
          accept="image/*,video/*,audio/*,application/pdf,.doc,.docx,.xls,.xlsx"
          data-testid="file-input"
          onChange={(event) => {
            addFiles(event.currentTarget.files ?? []);
            event.currentTarget.value = "";
            focusComposer();
          }}
        />
        <button type="button" class="round" aria-label="Lampirkan berkas" onClick={() => picker.current?.click()}>
          <ClipIcon />
        </button>
        <textarea
          ref={area}
          rows={1}
          aria-label="Tulis pesan"
          placeholder="Tulis pesan…"
          value={value}
          onInput={(event) => {
            write(event.currentTarget.value);
            if (event.currentTarget.value) reportTyping();
          }}
          onKeyDown={(event) => {
            // 229: some input methods send Enter before "isComposing" is cleared.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
            event.preventDefault();
            submit();
          }}
          onPaste={(event) => {
            const files = [...(event.clipboardData?.files ?? [])];
            if (files.length === 0) return;
            event.preventDefault();
            addFiles(files);
          }}
        />
        <button type="submit" class="round send" aria-label="Kirim" aria-disabled={empty || uploading.value || tooLong.value}>
          <SendIcon />
        </button>
      </div>
    </form>
  );
}
