import { useSignal } from "@preact/signals";
import { recordContact } from "../actions";
import * as desk from "../store";
import { Ask } from "./ask";

/** A contact that did not come through a channel of ours: a call, a visit, social media. */
export function ContactDialog() {
  const kinds = desk.options.value?.contacts ?? [];
  const topics = desk.options.value?.topics ?? [];
  const outlets = desk.options.value?.outlets ?? [];
  const kind = useSignal(kinds[0]?.id ?? "phone");
  const fromOutlet = kinds.find((each) => each.id === kind.value)?.caller === "outlet";
  return (
    <Ask
      title="Catat kontak manual"
      submitLabel="Mulai mencatat"
      onSubmit={(data) => {
        const said = (name: string) => String(data.get(name) ?? "").trim();
        return recordContact({ kind: kind.value, name: said("name"), phone: said("phone"), outlet: said("outlet") || null, topic: said("topic") || null });
      }}
    >
      <fieldset class="radios two">
        <legend>Jenis kontak</legend>
        {kinds.map((each) => (
          <label key={each.id}>
            <input type="radio" name="kind" value={each.id} checked={kind.value === each.id} onChange={() => (kind.value = each.id)} /> {each.label}
          </label>
        ))}
      </fieldset>
      {fromOutlet ? null : (
        <div class="field-pair">
          <label class="field-label">
            Nama nasabah
            <input name="name" class="field" required maxLength={100} autocomplete="off" />
          </label>
          <label class="field-label">
            Nomor telepon
            <input name="phone" class="field" type="tel" inputMode="tel" maxLength={30} autocomplete="off" />
          </label>
        </div>
      )}
      <div class="field-pair">
        <label class="field-label">
          Outlet
          <select name="outlet" class="field" required={fromOutlet}>
            <option value="">–</option>
            {outlets.map((each) => (
              <option key={each.id} value={each.id}>
                {each.label}
              </option>
            ))}
          </select>
        </label>
        <label class="field-label">
          Topik
          <select name="topic" class="field">
            <option value="">Belum diketahui</option>
            {topics.map((each) => (
              <option key={each.id} value={each.id}>
                {each.label}
              </option>
            ))}
          </select>
        </label>
      </div>
    </Ask>
  );
}
