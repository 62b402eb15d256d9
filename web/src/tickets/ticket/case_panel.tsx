import { useEffect } from "preact/hooks";
import { Section } from "../../desk/context/section";
import { Choose } from "../fields";
import { loadTicket, ticketPath } from "../loading";
import { amountOf, rupiah } from "../money";
import type { Case, Ticket } from "../shapes";
import * as store from "../store";
import { CaseDecision } from "./case_decision";
import { CaseEvidence } from "./case_evidence";
import { CaseMinutes } from "./case_minutes";
import { changeCase, file, loadCase, tryCase } from "./case_store";
import { EditForm } from "./edit_form";

/** The tab "Kasus": the file of an account that was broken into. */

function Members({ ticket, file: { members, allowed } }: { ticket: Ticket; file: Case }) {
  const people = (store.options.value?.people ?? []).filter((each) => !members.some((member) => member.id === each.id));
  const may = allowed.includes("members");
  return (
    <Section title="Anggota">
      <ul class="plain members">
        {members.map((each) => (
          <li key={each.id}>
            {each.name}
            {may && members.length > 1 ? (
              <button type="button" class="button small" aria-label={`Keluarkan ${each.name}`} onClick={() => void tryCase(ticket.number, "/members", { user: each.id, remove: true })}>
                Keluarkan
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {may ? (
        <EditForm label="Tambah anggota" submitLabel="Tambah" keep={`${ticket.number}:member`} onSubmit={(text) => changeCase(ticket.number, "/members", { user: text("user"), remove: false })}>
          <Choose name="user" label="Petugas" items={people.map(({ id, name }) => ({ id, label: name }))} required empty="Pilih petugas…" />
        </EditForm>
      ) : null}
    </Section>
  );
}

function Opening({ ticket }: { ticket: Ticket }) {
  return (
    <EditForm
      label="Buka berkas kasus"
      submitLabel="Buka berkas kasus"
      keep={`${ticket.number}:case`}
      onSubmit={async (text) => {
        await changeCase(ticket.number, "", { claimed: amountOf(text("claimed")) });
        await loadTicket();
      }}
    >
      <p class="card-text">Berkas kasus belum dibuka. Anda menjadi anggota pertama; hanya anggota yang dapat membacanya.</p>
      <label class="field-label">
        Nilai yang dituntut (rupiah)
        <input name="claimed" class="field" inputMode="numeric" autocomplete="off" />
      </label>
    </EditForm>
  );
}

export function CasePanel({ ticket }: { ticket: Ticket }) {
  useEffect(() => {
    if (ticket.case) void loadCase(ticket.number);
  }, [ticket]);
  const state = file.value;
  if (!ticket.case) return store.movable.value ? <Opening ticket={ticket} /> : <p class="empty">Berkas kasus belum dibuka.</p>;
  if (state?.number !== ticket.number) return <p class="empty">Memuat…</p>;
  if (state.refused) return <p class="empty">{state.refused}</p>;
  if (!state.case) return <p class="empty">Berkas kasus tidak ditemukan.</p>;
  const { claimed, missing } = state.case;
  return (
    <>
      <Section
        title="Berkas kasus"
        action={
          <a class="button small as-link" href={ticketPath(ticket.number, "/case.pdf")} target="_blank" rel="noopener">
            Cetak berkas
          </a>
        }
      >
        <p class="card-text">Nilai yang dituntut: {rupiah(claimed)}</p>
        {missing.length > 0 ? <p class="card-text warn-text">Belum lengkap: {missing.join(", ")}</p> : <p class="card-text">Berkas lengkap.</p>}
      </Section>
      <CaseEvidence ticket={ticket} file={state.case} />
      <CaseMinutes ticket={ticket} file={state.case} />
      <CaseDecision ticket={ticket} file={state.case} />
      <Members ticket={ticket} file={state.case} />
    </>
  );
}
