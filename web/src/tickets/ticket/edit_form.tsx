import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { sentence } from "../../desk/api";
import { useKept } from "../../shared/kept";
import { keptAt } from "../store";

/** A form within the page: it says what is refused, and keeps what is typed until it is taken. */

interface EditFormProps {
  label: string;
  submitLabel: string;
  keep: string;
  children: ComponentChildren;
  onSubmit: (text: (name: string) => string, data: FormData) => Promise<void>;
  onCancel?: () => void;
  class?: string;
}

export function EditForm({ label, submitLabel, keep, children, onSubmit, onCancel, class: extra = "" }: EditFormProps) {
  const error = useSignal("");
  const busy = useSignal(false);
  const kept = useKept(keptAt(keep));
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    if (busy.value) return;
    busy.value = true;
    error.value = "";
    try {
      await onSubmit((name) => String(data.get(name) ?? "").trim(), data);
      kept.forget();
      form.reset();
      onCancel?.();
    } catch (problem) {
      error.value = sentence(problem);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form
      class={`edit-form ${extra}`}
      aria-label={label}
      ref={kept.ref}
      onInput={kept.onInput}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.ctrlKey) event.currentTarget.requestSubmit();
      }}
    >
      {children}
      <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
      <div class="edit-buttons">
        {onCancel ? (
          <button
            type="button"
            class="button small"
            onClick={() => {
              kept.forget();
              onCancel();
            }}
          >
            Batal
          </button>
        ) : null}
        <button type="submit" class="button small primary" disabled={busy.value}>
          {submitLabel}
        </button>
      </div>
    </form>
  );
}
