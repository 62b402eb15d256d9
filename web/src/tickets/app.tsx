import { Login } from "../desk/login";
import { Toast } from "../shared/toast";
import { Dialogs } from "./dialogs/dialogs";
import { Boxes } from "./list/boxes";
import { ListPane } from "./list/list_pane";
import { isBarred, login, logout } from "./session";
import * as store from "./store";
import { TicketPane } from "./ticket/ticket_pane";
import { TopBar } from "./topbar";

function Barred() {
  return (
    <main class="barred">
      <p>Halaman ini untuk petugas, ketua tim, divisi, dan admin.</p>
      <p>
        <a href="/train">Ke ruang pelatih</a>
      </p>
      <button type="button" class="button" onClick={() => void logout()}>
        Masuk sebagai pengguna lain
      </button>
    </main>
  );
}

/** The page for tickets, or the login form in front of it. */
export function App() {
  if (store.entered.value === null) return <p class="loading" role="status">Memuat…</p>;
  if (!store.entered.value || isBarred()) {
    return (
      <>
        {store.entered.value ? <Barred /> : <Login place="Tiket" login={login} />}
        <Toast toast={store.toast} />
      </>
    );
  }
  return (
    <div class="tickets" data-open={store.openNumber.value ? "ticket" : "list"}>
      <TopBar />
      <Boxes />
      <main class="panes">
        <ListPane />
        {store.openNumber.value ? <TicketPane /> : null}
      </main>
      <Dialogs />
      <Toast toast={store.toast} />
    </div>
  );
}
