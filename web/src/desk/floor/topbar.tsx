import type { ComponentChildren } from "preact";
import { BellIcon, HelpIcon, MoonIcon } from "../../shared/icons";
import { logout } from "../actions";
import { mentions } from "../context/mentions";
import { AtIcon, PeopleIcon, SlashIcon } from "../icons";
import { isDark, toggleTheme } from "../theme";
import * as desk from "../store";
import { hears } from "./alerts";
import { PresenceSwitch } from "./presence";

function Line() {
  const text = { ready: "", connecting: "Menghubungkan…", lost: "Menghubungkan kembali…" }[desk.link.value];
  return (
    <div role="status" class="line-state" data-testid="connection-status">
      {text ? <span>{text}</span> : null}
    </div>
  );
}

function Opens({ dialog, label, children, extra = "" }: { dialog: desk.DialogName; label: string; children: ComponentChildren; extra?: string }) {
  return (
    <button type="button" class={`icon-button ${extra}`} aria-haspopup="dialog" aria-label={label} title={label} onClick={() => (desk.dialog.value = dialog)}>
      {children}
    </button>
  );
}

function Mentions() {
  const open = mentions.value?.filter((each) => !each.answered).length ?? 0;
  if (!mentions.value) return null;
  return (
    <Opens dialog="mentions" label={open > 0 ? `Sebutan: ${open} belum dijawab` : "Sebutan"} extra="badged">
      <AtIcon />
      {open > 0 ? <span class="badge">{open > 9 ? "9+" : open}</span> : null}
    </Opens>
  );
}

/** The bar above the panes: presence, connection, colleagues, settings, the way out. */
export function TopBar() {
  const me = desk.me.value;
  return (
    <header class="topbar">
      <h1 class="brand">
        Sapa <span class="visually-hidden">Meja Petugas</span>
      </h1>
      <PresenceSwitch />
      <Line />
      <a class="to-tickets" href="/tickets">
        Tiket
      </a>
      <span class="load" title="Percakapan yang sedang Anda tangani">
        {desk.mine.value.length}/{me?.capacity ?? "–"} percakapan
      </span>
      <Mentions />
      {desk.options.value?.teams ? (
        <Opens dialog="people" label="Rekan di meja" extra="of-wide">
          <PeopleIcon />
        </Opens>
      ) : null}
      <Opens dialog="replies" label="Balasan siap pakai" extra="of-wide">
        <SlashIcon />
      </Opens>
      <Opens dialog="alerts" label="Pemberitahuan" extra={hears.value === "none" ? "" : "on"}>
        <BellIcon />
      </Opens>
      <button type="button" class="icon-button of-wide" aria-pressed={isDark()} aria-label="Tampilan gelap" title="Tampilan gelap" onClick={toggleTheme}>
        <MoonIcon />
      </button>
      <Opens dialog="help" label="Bantuan pintasan" extra="keys-help">
        <HelpIcon />
      </Opens>
      <span class="user" title={[me?.user.username, me?.team?.label].filter(Boolean).join(" · ")}>
        {me?.user.name}
      </span>
      <button type="button" class="button small" onClick={() => void logout()}>
        Keluar
      </button>
    </header>
  );
}
