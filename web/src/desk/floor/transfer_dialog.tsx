import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { giveBack } from "../actions";
import { Ask, Radios } from "../dialogs/ask";
import type { Colleague, Summary } from "../shapes";
import * as desk from "../store";
import { presenceWord } from "./presence";
import { loadPeople, people, transfer, transferTo } from "./store";

/** Hands a conversation on: to a team, to a colleague, or back to the bot. */

type Kind = "team" | "agent" | "bot";

const ORDER: Record<string, number> = { ready: 0, wrapup: 1, aux: 2, offline: 3 };

/** Colleagues to whom it could go, those who can take it first. */
export function byReadiness(found: Colleague[], except: string | undefined): Colleague[] {
  return found
    .filter((each) => each.id !== except)
    .sort((a, b) => ORDER[a.presence.state]! - ORDER[b.presence.state]! || a.load / (a.capacity || 1) - b.load / (b.capacity || 1) || a.name.localeCompare(b.name));
}

function Colleagues({ except, chosen }: { except: string | undefined; chosen: string | null }) {
  const list = byReadiness(people.value ?? [], except);
  return (
    <fieldset class="radios people-choice">
      <legend>Rekan</legend>
      {list.map((each) => (
        <label key={each.id}>
          <input type="radio" name="agent" value={each.id} required defaultChecked={each.id === chosen} />
          <span class={`lamp ${each.presence.state}`} aria-hidden="true" />
          <span class="person-name">{each.name}</span>
          <span class="dim">
            {[each.team?.label, presenceWord(each.presence), `${each.load}/${each.capacity}`].filter(Boolean).join(" · ")}
          </span>
        </label>
      ))}
      {list.length === 0 ? <p class="card-text dim">Belum ada rekan lain di meja.</p> : null}
    </fieldset>
  );
}

export function TransferDialog({ summary }: { summary: Summary }) {
  const begun = transferTo.value;
  const kind = useSignal<Kind>(begun ? "agent" : "team");
  useEffect(() => {
    void loadPeople();
    return () => (transferTo.value = null);
  }, []);
  const teams = desk.options.value?.teams ?? [];
  const kinds: [Kind, string][] = [["team", "Tim"], ["agent", "Rekan"], ...(summary.manual ? [] : ([["bot", "Bot"]] as [Kind, string][]))];
  const submit = (data: FormData) => {
    const said = (name: string) => String(data.get(name) ?? "").trim();
    if (kind.value === "bot") return giveBack(summary.id, said("reason"));
    return transfer(summary.id, `${kind.value}:${said(kind.value)}`, said("reason"), said("note"));
  };
  return (
    <Ask title="Alihkan percakapan" submitLabel="Alihkan" onSubmit={submit}>
      <fieldset class="radios inline">
        <legend>Kepada</legend>
        {kinds.map(([id, label]) => (
          <label key={id}>
            <input type="radio" name="kind" value={id} checked={kind.value === id} onChange={() => (kind.value = id)} /> {label}
          </label>
        ))}
      </fieldset>
      {kind.value === "team" ? <Radios key="team" legend="Tim" name="team" items={teams} first={false} /> : null}
      {kind.value === "agent" ? <Colleagues except={summary.agent?.id} chosen={begun} /> : null}
      <label class="field-label" key={kind.value}>
        Alasan
        <select name="reason" class="field" required>
          <option value="">Pilih alasan…</option>
          {((kind.value === "bot" ? desk.options.value?.return_reasons : desk.options.value?.transfer_reasons) ?? []).map((each) => (
            <option key={each.id} value={each.id}>
              {each.label}
            </option>
          ))}
        </select>
      </label>
      {kind.value === "bot" ? null : (
        <label class="field-label">
          Catatan untuk penerima
          <textarea name="note" class="field" rows={3} maxLength={1000} placeholder="Apa yang sudah dilakukan, apa yang masih perlu dilakukan" />
        </label>
      )}
    </Ask>
  );
}
