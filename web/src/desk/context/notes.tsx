import { RichText } from "../../shared/rich_text";
import { moment } from "../../shared/time";
import { writeOn } from "../composer/text";
import * as desk from "../store";
import { Section } from "./section";

/** The tab "Catatan": what agents wrote for each other here. */
export function Notes() {
  const notes = desk.thread.value.filter((each) => each.note);
  return (
    <Section
      title="Catatan"
      action={
        <button type="button" class="button small" onClick={() => writeOn("note")}>
          Tulis catatan
        </button>
      }
    >
      {notes.length === 0 ? <p class="card-text dim">Belum ada catatan.</p> : null}
      <ul class="plain">
        {notes.map((note) => (
          <li key={note.id}>
            <p class="card-text dim">
              {note.name ?? "Petugas"} · {moment(note.at)}
            </p>
            <RichText text={note.text ?? ""} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
