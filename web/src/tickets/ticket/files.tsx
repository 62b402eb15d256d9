import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { sentence } from "../../desk/api";
import { Section } from "../../desk/context/section";
import { ClipIcon } from "../../shared/icons";
import { MediaView } from "../../shared/media_view";
import { upload } from "../changing";
import type { Ticket } from "../shapes";

/** The tab "Berkas". Files are uploaded one after the other. */

export function Files({ ticket }: { ticket: Ticket }) {
  const input = useRef<HTMLInputElement>(null);
  const running = useSignal("");
  const refused = useSignal<string[]>([]);
  const add = async (files: File[]) => {
    refused.value = [];
    for (const file of files) {
      running.value = file.name;
      try {
        await upload(ticket.number, file);
      } catch (error) {
        refused.value = [...refused.value, `${file.name}: ${sentence(error)}`];
      }
    }
    running.value = "";
  };
  return (
    <Section
      title="Berkas"
      action={
        <button type="button" class="button small" disabled={running.value !== ""} onClick={() => input.current?.click()}>
          <ClipIcon /> Unggah berkas
        </button>
      }
    >
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file-input"
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = "";
          void add(files);
        }}
      />
      <div role="status">{running.value ? <p class="card-text dim">Mengunggah {running.value}…</p> : null}</div>
      <div role="alert">
        {refused.value.map((each) => (
          <p class="form-error" key={each}>
            {each}
          </p>
        ))}
      </div>
      {ticket.files.length === 0 ? <p class="card-text dim">Belum ada berkas.</p> : null}
      <ul class="plain files">
        {ticket.files.map((media) => (
          <li key={media.id} data-testid="ticket-file">
            <MediaView media={media} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
