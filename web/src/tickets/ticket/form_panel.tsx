import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Section } from "../../desk/context/section";
import { change } from "../changing";
import { FormFields, formValue, readForm } from "../fields";
import type { Ticket } from "../shapes";
import * as store from "../store";
import { EditForm } from "./edit_form";

/** The tab "Form": the form of the ticket's kind, filled in. */

export function FormPanel({ ticket }: { ticket: Ticket }) {
  const changing = useSignal(false);
  const seen = useRef(ticket);
  const options = store.options.value;
  const id = options?.kinds.find((each) => each.id === ticket.kind.id)?.form ?? (ticket.solved_how === "berita_acara" ? "berita_acara" : "");
  const form = options?.forms[id];
  if (!form) return <p class="empty">Jenis tiket ini tidak memiliki form.</p>;
  if (changing.value) {
    return (
      <EditForm
        label={form.label}
        submitLabel="Simpan form"
        keep={`${ticket.number}:form`}
        onCancel={() => (changing.value = false)}
        onSubmit={async (_text, data) => {
          try {
            await change(seen.current, "", { form: readForm(form, data) }, "PATCH");
          } catch (error) {
            seen.current = store.ticket.value ?? seen.current;
            throw error;
          }
        }}
      >
        <FormFields form={form} values={ticket.form ?? {}} />
      </EditForm>
    );
  }
  return (
    <Section
      title={form.label}
      action={
        store.may("edit") ? (
          <button
            type="button"
            class="button small"
            onClick={() => {
              seen.current = ticket;
              changing.value = true;
            }}
          >
            Ubah form
          </button>
        ) : undefined
      }
    >
      <dl class="facts wide">
        {form.fields.map((field) => (
          <div key={field.id}>
            <dt>{field.label}</dt>
            <dd>{formValue(field, ticket.form?.[field.id])}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
