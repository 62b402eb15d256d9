import { useId } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { Named } from "../desk/shapes";
import type { Form, FormField } from "./shapes";
import * as store from "./store";

/** Fields that several forms are made of. */

interface ChooseProps {
  name: string;
  label: string;
  items: Named[];
  chosen?: string | null;
  required?: boolean;
  /** The words of choosing nothing; left out: there is always a choice. */
  empty?: string;
  onChange?: (value: string) => void;
}

export function Choose({ name, label, items, chosen, required, empty, onChange }: ChooseProps) {
  const id = useId();
  const known = !chosen || items.some((each) => each.id === chosen) ? items : [{ id: chosen, label: chosen }, ...items];
  return (
    <div class="field-label">
      <label for={id}>
        {label}
        {required ? <Needed /> : null}
      </label>
      <select id={id} name={name} class="field" required={required} onChange={(event) => onChange?.(event.currentTarget.value)}>
        {empty === undefined ? null : <option value="">{empty}</option>}
        {known.map((each) => (
          <option key={each.id} value={each.id} selected={each.id === chosen}>
            {each.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The mark of what must be filled in. */
export function Needed() {
  return (
    <span class="needed" aria-hidden="true">
      {" "}
      *
    </span>
  );
}

/** Product, category and sub-category: each offers what belongs to the one before. */
export function Catalogue({ product, category, sub }: { product: string; category: string; sub: string }) {
  const catalogue = store.options.value?.catalogue ?? [];
  const chosen = useSignal({ product, category });
  const categories = catalogue.find((each) => each.product === chosen.value.product)?.categories ?? [];
  const subs = categories.find((each) => each.id === chosen.value.category)?.subs ?? [];
  return (
    <div class="field-three">
      <Choose
        name="product"
        label="Produk"
        items={catalogue.map((each) => ({ id: each.product, label: each.product }))}
        chosen={product}
        empty="–"
        onChange={(value) => (chosen.value = { product: value, category: "" })}
      />
      <Choose
        key={chosen.value.product}
        name="category"
        label="Kategori"
        items={categories}
        chosen={chosen.value.product === product ? category : ""}
        empty="–"
        onChange={(value) => (chosen.value = { ...chosen.value, category: value })}
      />
      <Choose key={`${chosen.value.product} ${chosen.value.category}`} name="sub_category" label="Sub-kategori" items={subs} chosen={chosen.value.category === category ? sub : ""} empty="–" />
    </div>
  );
}

function Field({ field, value }: { field: FormField; value: string }) {
  const name = `form.${field.id}`;
  const { label, required } = field;
  if (field.kind === "choice") return <Choose name={name} label={label} items={field.choices.map((each) => ({ id: each, label: each }))} chosen={value} required={required} empty="Pilih…" />;
  if (field.kind === "outlet") return <Choose name={name} label={label} items={store.options.value?.outlets ?? []} chosen={value} required={required} empty="Pilih outlet…" />;
  return (
    <label class="field-label">
      <span>
        {label}
        {required ? <Needed /> : null}
      </span>
      {field.kind === "long" ? (
        <textarea name={name} class="field" rows={3} required={required} defaultValue={value} />
      ) : (
        <input
          name={name}
          class="field"
          type={{ date: "date", phone: "tel" }[field.kind as string] ?? "text"}
          inputMode={field.kind === "money" ? "numeric" : undefined}
          required={required}
          maxLength={200}
          autocomplete="off"
          defaultValue={value}
        />
      )}
    </label>
  );
}

/** The fields of one of the client's forms. */
export function FormFields({ form, values = {} }: { form: Form; values?: Record<string, unknown> }) {
  return (
    <fieldset class="form-fields">
      <legend>{form.label}</legend>
      {form.fields.map((field) => (
        <Field key={field.id} field={field} value={String(values[field.id] ?? "")} />
      ))}
    </fieldset>
  );
}

/** What was filled in. */
export function readForm(form: Form, data: FormData): Record<string, string> {
  const pairs = form.fields.map((field) => [field.id, String(data.get(`form.${field.id}`) ?? "").trim()] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

/** A value of a form as a person reads it. */
export function formValue(field: FormField, value: unknown): string {
  if (field.kind === "outlet") return store.options.value?.outlets.find((each) => each.id === value)?.label ?? String(value ?? "–");
  return value === null || value === undefined || value === "" ? "–" : String(value);
}
