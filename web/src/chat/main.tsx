import { render } from "preact";
import { App } from "./app";
import { embedded, listenToHost } from "./host";
import { inbox, session } from "./session";
import { connect, outbox, watch } from "./store";
import { focusComposer } from "./composer";

/** The chat page: alone in a tab, or in the widget's iframe. */

document.documentElement.dataset.inbox = inbox;
render(<App />, document.getElementById("app")!);
watch();
listenToHost(() => {
  connect();
  focusComposer();
});

// In the widget a first-time visitor costs the service nothing until the chat is opened.
if (!embedded || session.conversation || outbox.items.value.length > 0) connect();
if (!embedded) focusComposer();
