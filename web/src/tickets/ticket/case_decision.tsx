import { useSignal } from "@preact/signals";
import { Section } from "../../desk/context/section";
import { useKept } from "../../shared/kept";
import { RichText } from "../../shared/rich_text";
import { moment } from "../../shared/time";
import { Choose } from "../fields";
import { type Case, type Ticket, who } from "../shapes";
import * as store from "../store";
import { amountOf, rupiah } from "../money";
import { changeCase } from "./case_store";
import { EditForm } from "./edit_form";

/** The decision of a case: proposed by one member, approved by another who leads. */

function Propose({ ticket, file }: { ticket: Ticket; file: Case }) {
  const keep = `${ticket.number}:decision`;
  const kept = useKept(store.keptAt(keep));
  const decision = useSignal(kept.value("decision") ?? file.decision?.id ?? "");
  return (
    <EditForm
      label="Usulkan keputusan"
      submitLabel="Usulkan keputusan"
      keep={keep}
      onSubmit={(text) => changeCase(ticket.number, "/decision", { decision: text("decision"), amount: amountOf(text("amount")), grounds: text("grounds") })}
    >
      <div class="field-pair">
        <Choose name="decision" label="Keputusan" items={store.options.value?.decisions ?? []} chosen={decision.value} required empty="Pilih keputusan…" onChange={(value) => (decision.value = value)} />
        {decision.value === "compensate" ? (
          <label class="field-label">
            Ganti rugi (rupiah)
            <input name="amount" class="field" inputMode="numeric" autocomplete="off" required />
          </label>
        ) : null}
      </div>
      <label class="field-label">
        Dasar keputusan
        <textarea name="grounds" class="field" rows={4} required />
      </label>
    </EditForm>
  );
}

function Approve({ ticket }: { ticket: Ticket }) {
  return (
    <EditForm
      label="Persetujuan"
      submitLabel="Simpan persetujuan"
      keep={`${ticket.number}:approve`}
      onSubmit={(text) => changeCase(ticket.number, "/approve", { approve: text("approve") === "yes", note: text("note") })}
    >
      <fieldset class="radios inline">
        <legend>Persetujuan orang kedua</legend>
        <label>
          <input type="radio" name="approve" value="yes" required /> Setujui
        </label>
        <label>
          <input type="radio" name="approve" value="no" required /> Tolak
        </label>
      </fieldset>
      <label class="field-label">
        Catatan
        <textarea name="note" class="field" rows={2} />
      </label>
    </EditForm>
  );
}

export function CaseDecision({ ticket, file }: { ticket: Ticket; file: Case }) {
  const waiting = file.decision !== null && file.approved_at === null;
  return (
    <Section title="Keputusan">
      {file.decision ? (
        <>
          <p class="hop-head">
            <strong>{file.decision.label}</strong>
            {file.amount === null ? null : <span>{rupiah(file.amount)}</span>}
            <span class={`chip ${file.approved_at ? "good" : "warn"}`}>{file.approved_at ? "disetujui" : "menunggu persetujuan orang kedua"}</span>
          </p>
          <RichText text={file.grounds ?? ""} />
          <p class="card-text dim">
            Diusulkan {who(file.proposed_by)}
            {file.proposed_at ? ` · ${moment(file.proposed_at)}` : ""}
            {file.approved_at ? ` · disetujui ${who(file.approved_by)} · ${moment(file.approved_at)}` : ""}
          </p>
        </>
      ) : (
        <p class="card-text dim">Belum ada keputusan.</p>
      )}
      {file.allowed.includes("decision") ? <Propose ticket={ticket} file={file} /> : null}
      {waiting && file.allowed.includes("approve") ? <Approve ticket={ticket} /> : null}
    </Section>
  );
}
