import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Ask } from "../../shared/ask";
import { useKept } from "../../shared/kept";
import { newId } from "../../shared/storage";
import { make } from "../changing";
import { Catalogue, Choose, FormFields, Needed, readForm } from "../fields";
import { open } from "../loading";
import * as store from "../store";
import { closeDialog } from "./ask_ticket";

/** A ticket by hand: a call, a visit, an outlet's call, social media, an e-mail; with its kind's form. */

const WAYS = [
  { id: "phone", label: "Telepon" },
  { id: "walk_in", label: "Datang langsung" },
  { id: "outlet_call", label: "Panggilan outlet" },
  { id: "social", label: "Media sosial" },
  { id: "email", label: "Surel" },
];
/** The kind that a way of coming usually means. */
const USUAL: Record<string, string> = { walk_in: "walk_in", outlet_call: "outlet_problem" };

export function NewDialog() {
  const kept = useKept(store.keptAt("new"));
  const options = store.options.value;
  const id = useRef(newId());
  const way = useSignal(kept.value("channel") ?? "phone");
  const kind = useSignal(kept.value("kind") ?? "complaint");
  const outlet = useSignal(kept.value("outlet") ?? "");
  const chosen = options?.kinds.find((each) => each.id === kind.value);
  const form = chosen?.form ? options?.forms[chosen.form] : undefined;
  const values = Object.fromEntries((form?.fields ?? []).map((field) => [field.id, kept.value(`form.${field.id}`) ?? (field.id === "outlet" ? outlet.value : "")]));
  return (
    <Ask
      title="Tiket baru"
      submitLabel="Buat tiket"
      wide
      onClose={closeDialog}
      kept={kept}
      onSubmit={async (data) => {
        const said = (name: string) => String(data.get(name) ?? "").trim();
        const ticket = await make({
          client_id: id.current,
          channel: way.value,
          kind: kind.value,
          topic: said("topic"),
          product: said("product") || null,
          category: said("category") || null,
          sub_category: said("sub_category") || null,
          summary: said("summary"),
          detail: said("detail"),
          priority: said("priority"),
          customer: null,
          name: said("name"),
          phone: said("phone"),
          outlet: said("outlet") || null,
          form: form ? readForm(form, data) : null,
        });
        store.say(`Tiket ${ticket.number} dibuat.`);
        open(ticket.number);
      }}
    >
      <fieldset class="radios inline">
        <legend>Datang melalui</legend>
        {WAYS.map((each) => (
          <label key={each.id}>
            <input
              type="radio"
              name="channel"
              value={each.id}
              checked={way.value === each.id}
              onChange={() => {
                way.value = each.id;
                const usual = USUAL[each.id];
                if (usual && options?.kinds.some((one) => one.id === usual)) kind.value = usual;
              }}
            />{" "}
            {each.label}
          </label>
        ))}
      </fieldset>
      <div class="field-three">
        <Choose key={`kind ${kind.value}`} name="kind" label="Jenis" items={options?.kinds ?? []} chosen={kind.value} required onChange={(value) => (kind.value = value)} />
        <Choose key={`topic ${kind.value}`} name="topic" label="Topik" items={options?.topics ?? []} chosen={kept.value("topic") || chosen?.topic || ""} required empty="Pilih topik…" />
        <Choose name="priority" label="Prioritas" items={options?.priorities ?? []} chosen={kept.value("priority") ?? "normal"} />
      </div>
      <div class="field-three">
        <label class="field-label">
          Nama {way.value === "outlet_call" ? "penelepon" : "nasabah"}
          <input name="name" class="field" maxLength={100} autocomplete="off" required={way.value !== "outlet_call"} />
        </label>
        <label class="field-label">
          Nomor telepon
          <input name="phone" class="field" type="tel" inputMode="tel" maxLength={30} autocomplete="off" />
        </label>
        <Choose name="outlet" label="Outlet" items={options?.outlets ?? []} chosen={outlet.value} required={way.value === "outlet_call"} empty="–" onChange={(value) => (outlet.value = value)} />
      </div>
      <Catalogue product={kept.value("product") ?? ""} category={kept.value("category") ?? ""} sub={kept.value("sub_category") ?? ""} />
      <label class="field-label">
        <span>
          Ringkasan
          <Needed />
        </span>
        <input name="summary" class="field" required maxLength={200} autocomplete="off" />
      </label>
      <label class="field-label">
        <span>
          Uraian
          <Needed />
        </span>
        <textarea name="detail" class="field" rows={4} required />
      </label>
      {form ? <FormFields key={`${kind.value} ${outlet.value}`} form={form} values={values} /> : null}
    </Ask>
  );
}
