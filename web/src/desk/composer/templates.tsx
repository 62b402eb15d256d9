import { useEffect } from "preact/hooks";
import { signal, useSignal } from "@preact/signals";
import type { Message } from "../../shared/message";
import { newId } from "../../shared/storage";
import { ask, call, conversationPath, sentence } from "../api";
import type { Summary } from "../shapes";
import * as desk from "../store";

/** Outside WhatsApp's 24 hours only an approved template reaches the customer. */

interface Template {
  id: string;
  label: string;
  text: string;
  places: string[];
  filled: string;
}

const templates = signal<{ conversation: string; list: Template[] } | null>(null);

async function loadTemplates(conversation: string): Promise<void> {
  const answer = await ask<{ templates: Template[] }>(conversationPath(conversation, "/templates"));
  templates.value = { conversation, list: answer?.templates ?? [] };
}

/** The template with the values in their places; a place without one stays as it is called. */
export function preview(template: Template, values: Record<string, string>): string {
  const empty = template.places.every((place) => !values[place]);
  if (empty) return template.filled || template.text;
  return template.places.reduce((text, place) => (values[place] ? text.replaceAll(`{${place}}`, values[place]) : text), template.text);
}

export function TemplatePicker({ summary }: { summary: Summary }) {
  const chosen = useSignal("");
  const values = useSignal<Record<string, string>>({});
  const error = useSignal("");
  const attempt = useSignal(newId());
  useEffect(() => void loadTemplates(summary.id), [summary.id]);
  const list = templates.value?.conversation === summary.id ? templates.value.list : [];
  const template = list.find((each) => each.id === chosen.value) ?? list[0];
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!template) return;
    error.value = "";
    try {
      const body = { client_id: attempt.value, template: template.id, values: values.value };
      const { message } = await call<{ message: Message }>("POST", conversationPath(summary.id, "/template"), body);
      if (desk.openId.value === summary.id) desk.putMessages([message]);
      attempt.value = newId();
      values.value = {};
    } catch (problem) {
      error.value = sentence(problem);
    }
  };
  if (!template) return <p class="hindered" data-testid="reply-hindered">Jendela 24 jam WhatsApp sudah tertutup. Balasan dapat dikirim setelah nasabah menulis lagi.</p>;
  return (
    <form class="templates" aria-label="Kirim templat" data-testid="templates" onSubmit={submit}>
      <p class="dim">Jendela 24 jam sudah tertutup. Hanya templat yang dapat dikirim.</p>
      <div class="template-fields">
        <label class="field-label">
          Templat
          <select class="field" value={template.id} onChange={(event) => ((chosen.value = event.currentTarget.value), (values.value = {}))}>
            {list.map((each) => (
              <option key={each.id} value={each.id}>
                {each.label}
              </option>
            ))}
          </select>
        </label>
        {template.places.map((place) => (
          <label class="field-label" key={place}>
            {place}
            <input class="field" value={values.value[place] ?? ""} onInput={(event) => (values.value = { ...values.value, [place]: event.currentTarget.value })} />
          </label>
        ))}
      </div>
      <p class="template-text rich">{preview(template, values.value)}</p>
      <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
      <button type="submit" class="button primary">
        Kirim templat
      </button>
    </form>
  );
}
