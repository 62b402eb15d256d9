import { login } from "./actions";
import { CardPane } from "./card";
import { Conversation } from "./conversation";
import { Dialogs } from "./dialogs";
import { ListPane } from "./list";
import { Login } from "./login";
import { TopBar } from "./topbar";
import * as desk from "./store";

function Toast() {
  const toast = desk.toast.value;
  return (
    <div class="toasts">
      <div role="status">{toast?.kind === "info" ? <p class="toast">{toast.text}</p> : null}</div>
      <div role="alert">{toast?.kind === "error" ? <p class="toast error">{toast.text}</p> : null}</div>
    </div>
  );
}

/** The desk, or the login form in front of it. */
export function App() {
  if (desk.loggedIn.value === null) return <p class="loading" role="status">Memuat…</p>;
  if (!desk.loggedIn.value) {
    return (
      <>
        <Login place="Meja Petugas" login={login} />
        <Toast />
      </>
    );
  }
  return (
    <div class="desk" data-pane={desk.pane.value}>
      <TopBar />
      <ListPane />
      <Conversation />
      <CardPane />
      <Dialogs />
      <Toast />
    </div>
  );
}
