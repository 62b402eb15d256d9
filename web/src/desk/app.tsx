import { login, logout } from "./actions";
import { Toast } from "../shared/toast";
import { ContextPane } from "./context/context_pane";
import { Dialogs } from "./dialogs/dialogs";
import { Offers } from "./floor/offers";
import { TopBar } from "./floor/topbar";
import { ListPane } from "./list/list_pane";
import { Login } from "./login";
import { Conversation } from "./thread/conversation";
import * as desk from "./store";

function Barred() {
  return (
    <main class="barred">
      <p>Meja petugas tidak digunakan oleh divisi. Tiket divisi Anda ada di halaman tiket.</p>
      <p>
        <a href="/tickets">Ke halaman tiket</a>
      </p>
      <button type="button" class="button" onClick={() => void logout()}>
        Masuk sebagai pengguna lain
      </button>
    </main>
  );
}

/** The desk, or the login form in front of it. */
export function App() {
  if (desk.loggedIn.value === null) return <p class="loading" role="status">Memuat…</p>;
  if (!desk.loggedIn.value) {
    return (
      <>
        <Login place="Meja Petugas" login={login} />
        <Toast toast={desk.toast} />
      </>
    );
  }
  if (desk.isDivision.value) return <Barred />;
  return (
    <div class="desk" data-pane={desk.pane.value} data-context={desk.contextShown.value ? "shown" : "hidden"}>
      <TopBar />
      <main class="panes">
        <ListPane />
        <Conversation />
        <ContextPane />
      </main>
      <Offers />
      <Dialogs />
      <Toast toast={desk.toast} />
    </div>
  );
}
