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
  /** What the service knows for each place. */
  filled: Record<string, string>;
}

const templates = signal<{ conversation: string; list: Template[] } | null>(null);

async function loadTemplates(conversation: string): Promise<void> {
  const answer = await ask<{ templates: Template[] }>(conversationPath(conversation, "/templates"));
  templates.value = { conversation, list: answer?.templates ?? [] };
}

/** A place as a word. */
function placeWord(place: string): string {
  return { nama: "Nama nasabah", waktu: "Waktu (pagi, siang, sore, malam)", tiket: "Nomor tiket" }[place] ?? place;
}

/** The template with the values in their places; a place without one stays as it is called. */
export function preview(template: Template, values: Record<string, string>): string {
  return template.places.reduce((text, place) => (values[place] ? text.replaceAll(`{${place}}`, values[place]) : text), template.text);
}

export function TemplatePicker({ summary }: { summary: Summary }) {
  const chosen = useSignal("");
  const typed = useSignal<Record<string, string>>({});
  const error = useSignal("");
  const attempt = useSignal(newId());
  useEffect(() => void loadTemplates(summary.id), [summary.id]);
  const list = templates.value?.conversation === summary.id ? templates.value.list : [];
  const template = list.find((each) => each.id === chosen.value) ?? list[0];
  const values = { ...template?.filled, ...typed.value };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!template) return;
    error.value = "";
    try {
      const body = { client_id: attempt.value, template: template.id, values };
      const { message } = await call<{ message: Message }>("POST", conversationPath(summary.id, "/template"), body);
      if (desk.openId.value === summary.id) desk.putMessages([message]);
      attempt.value = newId();
      typed.value = {};
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
          <select class="field" value={template.id} onChange={(event) => ((chosen.value = event.currentTarget.value), (typed.value = {}))}>
            {list.map((each) => (
              <option key={each.id} value={each.id}>
                {each.label}
              </option>
            ))}
          </select>
        </label>
        {template.places.map((place) => (
          <label class="field-label" key={place}>
            {placeWord(place)}
            <input
              class="field"
              required
              maxLength={120}
              value={values[place] ?? ""}
              onInput={(event) => (typed.value = { ...typed.value, [place]: event.currentTarget.value })}
            />
          </label>
        ))}
      </div>
      <p class="template-text rich">{preview(template, values)}</p>
      <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
      <button type="submit" class="button primary">
        Kirim templat
      </button>
    </form>
  );
}
