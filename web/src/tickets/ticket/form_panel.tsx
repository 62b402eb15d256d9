import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Section } from "../../desk/context/section";
import { change } from "../changing";
import { FormFields, formValue, readForm } from "../fields";
import type { Form, Ticket } from "../shapes";
import * as store from "../store";
import { EditForm } from "./edit_form";

/** The tab "Form": the form of the ticket's kind, and the Berita Acara it was ended with. */

function Filled({ form, values, action }: { form: Form; values: Record<string, unknown>; action?: ComponentChildren }) {
  return (
    <Section title={form.label} action={action}>
      <dl class="facts wide">
        {form.fields.map((field) => (
          <div key={field.id}>
            <dt>{field.label}</dt>
            <dd>{formValue(field, values[field.id])}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function OfKind({ ticket, form }: { ticket: Ticket; form: Form }) {
  const changing = useSignal(false);
  const seen = useRef(ticket);
  const begin = () => {
    seen.current = ticket;
    changing.value = true;
  };
  if (!changing.value) {
    const action = store.movable.value ? (
      <button type="button" class="button small" onClick={begin}>
        Ubah form
      </button>
    ) : undefined;
    return <Filled form={form} values={ticket.form ?? {}} action={action} />;
  }
  return (
    <EditForm
      label={form.label}
      submitLabel="Simpan form"
      keep={`${ticket.number}:form`}
      onCancel={() => (changing.value = false)}
      onSubmit={async (_text, data) => {
        try {
          await change(seen.current, "", { kind: ticket.kind.id, form: readForm(form, data) }, "PATCH");
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

export function FormPanel({ ticket }: { ticket: Ticket }) {
  const options = store.options.value;
  const form = options?.forms[options.kinds.find((each) => each.id === ticket.kind.id)?.form ?? ""];
  const minutes = options?.forms.berita_acara;
  return (
    <>
      {form ? <OfKind ticket={ticket} form={form} /> : null}
      {minutes && ticket.solved_form ? <Filled form={minutes} values={ticket.solved_form} /> : null}
    </>
  );
}
