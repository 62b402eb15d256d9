import { useMemo } from "preact/hooks";
import { forget, load, save } from "./storage";

/** What is typed into a form survives until it is sent: a closed dialog, a reload, the end of a session. */

export interface Kept {
  ref: (form: HTMLFormElement | null) => void;
  onInput: (event: Event) => void;
  forget: () => void;
  /** What was kept of a field when the form came up. */
  value: (name: string) => string | undefined;
}

type Fields = Record<string, string>;

function fill(form: HTMLFormElement, fields: Fields): void {
  for (const element of form.elements) {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement)) continue;
    const value = fields[element.name];
    if (value === undefined) continue;
    if (element instanceof HTMLInputElement && (element.type === "radio" || element.type === "checkbox")) element.checked = element.value === value;
    else if (!(element instanceof HTMLInputElement && element.type === "file")) element.value = value;
  }
}

/** Keeps a form's fields under the key. */
export function useKept(key: string): Kept {
  return useMemo(() => {
    const stored = `sapa:kept:${key}`;
    const before = load<Fields>(stored) ?? {};
    let filled = false;
    return {
      ref: (form) => {
        if (!form || filled) return;
        filled = true;
        fill(form, before);
      },
      onInput: (event) => {
        const fields: Fields = {};
        for (const [name, value] of new FormData(event.currentTarget as HTMLFormElement)) if (typeof value === "string") fields[name] = value;
        save(stored, fields);
      },
      forget: () => forget(stored),
      value: (name) => before[name],
    };
  }, [key]);
}
