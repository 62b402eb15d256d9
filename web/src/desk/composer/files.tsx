import { useRef } from "preact/hooks";
import { ClipIcon, CloseIcon } from "../../shared/icons";
import { fileSize } from "../../shared/time";
import * as desk from "../store";
import { addFiles, removeUpload, retryUpload, type Upload, uploadsOf } from "./uploads";

/** Files with a reply: chosen, dragged or pasted. */

export function attach(conversation: string, files: Iterable<File>): void {
  const trouble = addFiles(conversation, files);
  if (trouble) desk.say(trouble, "error");
}

export function FileButton({ conversation }: { conversation: string }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="icon-button" aria-label="Lampirkan berkas" title="Lampirkan berkas; dapat juga diseret atau ditempel" onClick={() => input.current?.click()}>
        <ClipIcon />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="desk-file-input"
        onChange={(event) => {
          attach(conversation, event.currentTarget.files ?? []);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

function State({ upload }: { upload: Upload }) {
  if (upload.state === "failed") {
    return (
      <span class="bad">
        {upload.error}{" "}
        <button type="button" class="link" onClick={() => retryUpload(upload.key)}>
          Coba lagi
        </button>
      </span>
    );
  }
  return <span class="dim">{upload.state === "done" ? fileSize(upload.file.size) : `${upload.progress}%`}</span>;
}

export function Files({ conversation }: { conversation: string }) {
  const files = uploadsOf(conversation);
  if (files.length === 0) return null;
  return (
    <ul class="files" aria-label="Lampiran">
      {files.map((upload) => (
        <li key={upload.key}>
          <span class="file-name">{upload.file.name}</span> <State upload={upload} />
          <button type="button" class="icon-button tiny" aria-label={`Hapus lampiran ${upload.file.name}`} onClick={() => removeUpload(upload.key)}>
            <CloseIcon />
          </button>
        </li>
      ))}
    </ul>
  );
}
