import { login } from "./actions";
import { Toast } from "../shared/toast";
import { ContextPane } from "./context/context_pane";
import { Dialogs } from "./dialogs/dialogs";
import { Offers } from "./floor/offers";
import { TopBar } from "./floor/topbar";
import { ListPane } from "./list/list_pane";
import { Login } from "./login";
import { Conversation } from "./thread/conversation";
import * as desk from "./store";

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
