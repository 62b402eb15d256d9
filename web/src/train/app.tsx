import { Login } from "../desk/login";
import { moveBetweenTabs } from "../desk/tab_keys";
import { isDark, toggleTheme } from "../desk/theme";
import { MoonIcon } from "../shared/icons";
import { Toast } from "../shared/toast";
import { Messages } from "./messages/Messages";
import { Models } from "./models/Models";
import { login, logout } from "./session";
import * as train from "./store";

const TABS: { tab: train.Tab; label: string }[] = [
  { tab: "pesan", label: "Pesan" },
  { tab: "model", label: "Model" },
];

function TopBar() {
  return (
    <header class="topbar">
      <strong class="brand">Sapa</strong>
      <div class="train-tabs" role="tablist" aria-label="Bagian" onKeyDown={moveBetweenTabs}>
        {TABS.map(({ tab, label }) => (
          <button
            type="button"
            key={tab}
            role="tab"
            id={`tab-${tab}`}
            aria-selected={train.tab.value === tab}
            aria-controls="part"
            tabIndex={train.tab.value === tab ? 0 : -1}
            onClick={() => (location.hash = tab)}
          >
            {label}
          </button>
        ))}
      </div>
      <span class="fill" />
      <button type="button" class="icon-button" aria-pressed={isDark()} aria-label="Tampilan gelap" title="Tampilan gelap" onClick={toggleTheme}>
        <MoonIcon />
      </button>
      <span class="user" title={train.user.value?.username}>{train.user.value?.name}</span>
      <button type="button" class="button small" onClick={() => void logout()}>
        Keluar
      </button>
    </header>
  );
}

function Barred() {
  return (
    <main class="barred">
      <p>Halaman ini untuk pelatih, ketua tim, dan admin.</p>
      <p>
        <a href="/desk">Ke meja petugas</a>
      </p>
      <button type="button" class="button" onClick={() => void logout()}>
        Masuk sebagai pengguna lain
      </button>
    </main>
  );
}

/** The trainers' page, or the login form in front of it. */
export function App() {
  if (train.entered.value === null) return <p class="loading" role="status">Memuat…</p>;
  if (!train.entered.value || train.barred.value) {
    return (
      <>
        {train.barred.value ? <Barred /> : <Login place="Ruang Pelatih" login={login} />}
        <Toast toast={train.toast} />
      </>
    );
  }
  return (
    <div class="train">
      <TopBar />
      <div class="part" id="part" role="tabpanel" aria-labelledby={`tab-${train.tab.value}`}>
        {train.tab.value === "model" ? <Models /> : <Messages />}
      </div>
      <Toast toast={train.toast} />
    </div>
  );
}
