import { countdown, span } from "../../shared/time";
import type { Named, Presence } from "../shapes";
import * as desk from "../store";
import { endWrapup, setPresence } from "./store";

/** The agent's own state: chosen here, with the time it has lasted. */

/** The state as a choice of the switch. */
export function presenceValue(presence: Presence): string {
  return presence.state === "aux" ? `aux:${presence.reason ?? ""}` : presence.state;
}

/** What a choice of the switch means. */
export function presenceOf(value: string): [Presence["state"], string | null] {
  const [state, reason] = value.split(":") as [Presence["state"], string?];
  return [state, reason ?? null];
}

/** The state in words. */
export function presenceWord(presence: Presence): string {
  const reasons = desk.me.value?.aux_reasons ?? [];
  const reason = reasons.find((each) => each.id === presence.reason)?.label ?? presence.reason;
  return { ready: "Siap", wrapup: "Catatan akhir", offline: "Offline", aux: reason ? `AUX: ${reason}` : "AUX" }[presence.state];
}

/** The choices of a state; one that only the service sets is listed while it lasts. */
export function PresenceChoices({ presence }: { presence: Presence }) {
  const reasons: Named[] = [...(desk.me.value?.aux_reasons ?? [])];
  if (presence.state === "aux" && !reasons.some((each) => each.id === (presence.reason ?? ""))) {
    reasons.push({ id: presence.reason ?? "", label: presence.reason ?? "Tanpa alasan" });
  }
  return (
    <>
      {presence.state === "wrapup" ? <option value="wrapup">Catatan akhir</option> : null}
      <option value="ready">Siap</option>
      {reasons.map((each) => (
        <option key={each.id} value={`aux:${each.id}`}>
          AUX: {each.label}
        </option>
      ))}
      <option value="offline">Offline</option>
    </>
  );
}

/** How long the state has lasted; in colour when it should be over. */
export function Since({ presence }: { presence: Presence }) {
  if (!presence.since) return null;
  const over = presence.limit_at ? desk.now.value - Date.parse(presence.limit_at) : -1;
  const lasted = span(desk.now.value - Date.parse(presence.since));
  if (over <= 0) return <span class="since">{lasted}</span>;
  return (
    <span class="since over" title={`Melewati batas ${span(over)}`}>
      {lasted} <span class="visually-hidden">, melewati batas</span>
    </span>
  );
}

function Wrapup() {
  const writing = desk.mine.value.find(desk.isWritingUp);
  if (!writing?.wrapup_until) return null;
  const left = Date.parse(writing.wrapup_until) - desk.now.value;
  return (
    <>
      <span class={`since wrapup-left ${left <= 0 ? "over" : ""}`} data-testid="wrapup-countdown">
        {countdown(left)}
      </span>
      <button type="button" class="button small" onClick={() => void endWrapup(writing.id, false)}>
        Selesai menulis
      </button>
    </>
  );
}

export function PresenceSwitch() {
  const me = desk.me.value;
  if (!me) return null;
  const { presence } = me;
  return (
    <div class={`presence ${presence.state}`}>
      <span class="lamp" aria-hidden="true" />
      <select
        value={presenceValue(presence)}
        aria-label="Status Anda"
        data-testid="presence"
        onChange={(event) => void setPresence(...presenceOf(event.currentTarget.value))}
      >
        <PresenceChoices presence={presence} />
      </select>
      <Since presence={presence} />
      <Wrapup />
    </div>
  );
}
