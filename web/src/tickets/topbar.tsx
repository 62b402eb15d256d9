import { isDark, toggleTheme } from "../desk/theme";
import { BellIcon, HelpIcon, MoonIcon, PlusIcon } from "../shared/icons";
import { logout } from "./session";
import * as store from "./store";

function Line() {
  const text = { ready: "", connecting: "Menghubungkan…", lost: "Menghubungkan kembali…" }[store.link.value];
  return (
    <div role="status" class="line-state" data-testid="connection-status">
      {text ? <span>{text}</span> : null}
    </div>
  );
}

function Bell() {
  const unseen = store.unseen.value;
  const label = unseen > 0 ? `Peringatan: ${unseen} baru` : "Peringatan";
  return (
    <button type="button" class="icon-button badged" aria-haspopup="dialog" aria-label={label} title={label} onClick={() => (store.dialog.value = "alerts")}>
      <BellIcon />
      {unseen > 0 ? <span class="badge">{unseen > 9 ? "9+" : unseen}</span> : null}
    </button>
  );
}

/** The bar above the panes: a new ticket, the line, alerts, settings, the way to the desk and out. */
export function TopBar() {
  const me = store.me.value;
  return (
    <header class="topbar">
      <h1 class="brand">
        Sapa <span class="brand-place">Tiket</span>
      </h1>
      {store.isDivision.value ? null : (
        <>
          <a class="button small as-link" href="/desk">
            Meja petugas
          </a>
          <button type="button" class="button small primary new-ticket" aria-label="Tiket baru" aria-haspopup="dialog" onClick={() => (store.dialog.value = "new")}>
            <PlusIcon /> <span>Tiket baru</span>
          </button>
        </>
      )}
      <Line />
      <Bell />
      <button type="button" class="icon-button of-wide" aria-pressed={isDark()} aria-label="Tampilan gelap" title="Tampilan gelap" onClick={toggleTheme}>
        <MoonIcon />
      </button>
      <button type="button" class="icon-button keys-help" aria-haspopup="dialog" aria-label="Bantuan pintasan" title="Bantuan pintasan" onClick={() => (store.dialog.value = "help")}>
        <HelpIcon />
      </button>
      <span class="user" title={[me?.user.username, me?.team?.label].filter(Boolean).join(" · ")}>
        {me?.user.name}
      </span>
      <button type="button" class="button small" onClick={() => void logout()}>
        Keluar
      </button>
    </header>
  );
}
