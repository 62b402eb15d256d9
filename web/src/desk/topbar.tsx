import { BellIcon, HelpIcon, MoonIcon } from "../shared/icons";
import { span } from "../shared/time";
import { logout, setPresence } from "./actions";
import type { Presence } from "./shapes";
import { isDark, toggleTheme } from "./theme";
import * as desk from "./store";

function value(presence: Presence): string {
  return presence.state === "aux" ? `aux:${presence.reason ?? ""}` : presence.state;
}

function PresenceSwitch() {
  const me = desk.me.value;
  if (!me) return null;
  const { presence } = me;
  const reasons = [...me.aux_reasons];
  if (presence.state === "aux" && !reasons.some((each) => each.id === (presence.reason ?? ""))) {
    reasons.push({ id: presence.reason ?? "", label: presence.reason ?? "AUX" });
  }
  return (
    <div class={`presence ${presence.state}`}>
      <span class="lamp" aria-hidden="true" />
      <select
        value={value(presence)}
        aria-label="Status Anda"
        data-testid="presence"
        onChange={(event) => {
          const [state, reason] = event.currentTarget.value.split(":") as [Presence["state"], string?];
          void setPresence(state, reason ?? null);
        }}
      >
        <option value="ready">Siap</option>
        {reasons.map((each) => (
          <option key={each.id} value={`aux:${each.id}`}>
            AUX: {each.label}
          </option>
        ))}
        <option value="offline">Keluar</option>
      </select>
      {presence.since ? <Since at={presence.since} /> : null}
    </div>
  );
}

function Since({ at }: { at: string }) {
  return <span class="since">{span(desk.now.value - Date.parse(at))}</span>;
}

function Line() {
  const text = { ready: "", connecting: "Menghubungkan…", lost: "Menghubungkan kembali…" }[desk.link.value];
  return (
    <div role="status" class="line-state" data-testid="connection-status">
      {text ? <span>{text}</span> : null}
    </div>
  );
}

/** The bar above the panes: presence, connection, settings, the way out. */
export function TopBar() {
  const me = desk.me.value;
  return (
    <header class="topbar">
      <strong class="brand">Sapa</strong>
      <PresenceSwitch />
      <Line />
      <span class="load" title="Percakapan yang sedang Anda tangani">
        {desk.mine.value.length}/{me?.capacity ?? "–"} percakapan
      </span>
      <button
        type="button"
        class="icon-button"
        aria-pressed={desk.sound.value}
        aria-label="Suara pemberitahuan"
        title="Suara pemberitahuan"
        onClick={() => desk.setSound(!desk.sound.value)}
      >
        <BellIcon />
      </button>
      <button type="button" class="icon-button" aria-pressed={isDark()} aria-label="Tampilan gelap" title="Tampilan gelap" onClick={toggleTheme}>
        <MoonIcon />
      </button>
      <button type="button" class="icon-button keys-help" aria-label="Bantuan pintasan" title="Bantuan pintasan (?)" onClick={() => (desk.dialog.value = "help")}>
        <HelpIcon />
      </button>
      <span class="user" title={me?.user.username}>{me?.user.name}</span>
      <button type="button" class="button small" onClick={() => void logout()}>
        Keluar
      </button>
    </header>
  );
}
