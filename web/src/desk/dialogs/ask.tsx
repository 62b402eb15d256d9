import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Modal } from "../../shared/modal";
import { sentence } from "../api";
import { needOptions } from "../loading";
import type { Named } from "../shapes";
import * as desk from "../store";

/** A dialog that asks for something and stays open until that has worked. */

export function closeDialog(): void {
  desk.dialog.value = null;
}

interface AskProps {
  title: string;
  submitLabel: string;
  children: ComponentChildren;
  onSubmit: (data: FormData) => Promise<void>;
}

export function Ask({ title, submitLabel, children, onSubmit }: AskProps) {
  const error = useSignal("");
  const busy = useSignal(false);
  useEffect(needOptions, []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    error.value = "";
    try {
      await onSubmit(new FormData(event.currentTarget as HTMLFormElement));
      closeDialog();
    } catch (problem) {
      error.value = sentence(problem);
    } finally {
      busy.value = false;
    }
  };
  return (
    <Modal onClose={closeDialog} title={title}>
      <form onSubmit={submit}>
        {children}
        <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
        <div class="modal-buttons">
          <button type="button" class="button" onClick={closeDialog}>
            Batal
          </button>
          <button type="submit" class="button primary" disabled={busy.value}>
            {submitLabel}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** One of several, by radio buttons; a free text where there is nothing to choose from. */
export function Radios({ legend, name, items, first = true }: { legend: string; name: string; items: Named[]; first?: boolean }) {
  return (
    <fieldset class="radios">
      <legend>{legend}</legend>
      {items.map((each, at) => (
        <label key={each.id}>
          <input type="radio" name={name} value={each.id} required defaultChecked={first && at === 0} /> {each.label}
        </label>
      ))}
      {items.length === 0 ? <input name={name} class="field" aria-label={legend} required /> : null}
    </fieldset>
  );
}
