import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Ask as AskFor } from "../../shared/ask";
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

export function Ask(props: AskProps) {
  useEffect(needOptions, []);
  return <AskFor {...props} onClose={closeDialog} />;
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
