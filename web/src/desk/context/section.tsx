import type { ComponentChildren } from "preact";
import type { Field } from "../shapes";

/** The parts that every tab beside the conversation is made of. */

export function Section({ title, action, children }: { title: string; action?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="card-section" aria-label={title}>
      <h3>
        {title}
        {action}
      </h3>
      {children}
    </section>
  );
}

/** A value as a person reads it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "Ya" : "Tidak";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function Fields({ fields }: { fields: Field[] }) {
  return (
    <dl class="facts">
      {fields.map((field) => (
        <div key={field.id}>
          <dt>{field.label}</dt>
          <dd>{shown(field.value)}</dd>
        </div>
      ))}
    </dl>
  );
}
