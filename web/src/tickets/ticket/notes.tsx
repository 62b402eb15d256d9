import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { call } from "../../desk/api";
import { Section } from "../../desk/context/section";
import { useKept } from "../../shared/kept";
import { RichText } from "../../shared/rich_text";
import { newId } from "../../shared/storage";
import { moment } from "../../shared/time";
import { put, ticketPath } from "../loading";
import type { Note, Ticket } from "../shapes";
import * as store from "../store";
import { Told } from "../told";
import { EditForm } from "./edit_form";

/** The tab "Catatan": what colleagues wrote for each other, and what went to the customer. */

type Audience = Note["audience"];

const AUDIENCE: Record<Audience, string> = { internal: "Catatan internal", customer: "Pesan ke nasabah" };

function Write({ ticket }: { ticket: Ticket }) {
  const keep = `${ticket.number}:note`;
  const kept = useKept(store.keptAt(keep));
  const audience = useSignal<Audience>(kept.value("audience") === "customer" ? "customer" : "internal");
  const text = useSignal(kept.value("text") ?? "");
  const id = useRef(newId());
  const choices: Audience[] = store.isDivision.value ? ["internal"] : ["internal", "customer"];
  return (
    <EditForm
      label="Tulis catatan"
      class={`note-form ${audience.value}`}
      keep={keep}
      submitLabel={audience.value === "internal" ? "Simpan catatan" : "Kirim ke nasabah"}
      onSubmit={async (field) => {
        const answer = await call<{ ticket: Ticket }>("POST", ticketPath(ticket.number, "/notes"), { client_id: id.current, text: field("text"), audience: audience.value });
        id.current = newId();
        text.value = "";
        audience.value = "internal";
        put(answer.ticket);
        store.say("Catatan disimpan.");
      }}
    >
      <fieldset class="radios inline" aria-label="Untuk siapa">
        {choices.map((each) => (
          <label key={each}>
            <input type="radio" name="audience" value={each} checked={audience.value === each} onChange={() => (audience.value = each)} /> {AUDIENCE[each]}
          </label>
        ))}
      </fieldset>
      <textarea
        id="note-text"
        name="text"
        class="field"
        rows={3}
        required
        maxLength={4000}
        aria-label={AUDIENCE[audience.value]}
        placeholder={audience.value === "internal" ? "Hanya dibaca petugas dan divisi" : "Dibaca nasabah di kanalnya"}
        defaultValue={text.peek()}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      {audience.value === "customer" ? <Told ticket={ticket} text={text.value.trim()} /> : null}
    </EditForm>
  );
}

export function Notes({ ticket }: { ticket: Ticket }) {
  return (
    <>
      <Write ticket={ticket} />
      <Section title="Catatan">
        {ticket.notes.length === 0 ? <p class="card-text dim">Belum ada catatan.</p> : null}
        <ul class="plain notes">
          {[...ticket.notes].reverse().map((note) => (
            <li key={note.id} class={`note ${note.audience}`} data-testid="note">
              <p class="note-head">
                <strong>{note.author ?? "Sistem"}</strong> · {moment(note.at)}
                <span class={`chip ${note.audience === "customer" ? "good" : ""}`}>{note.audience === "customer" ? "ke nasabah" : "internal"}</span>
              </p>
              <RichText text={note.text} />
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
