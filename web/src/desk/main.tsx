import { render } from "preact";
import { leave } from "./actions";
import { DeskError, whenLoggedOut } from "./api";
import { App } from "./app";
import { watchAlerts } from "./floor/alerts";
import { listen } from "./hearing";
import { listenToKeys } from "./keys";
import { enter } from "./loading";
import * as desk from "./store";

/** The agent desk's page. */

whenLoggedOut(() => {
  if (desk.loggedIn.value) {
    leave();
    desk.say("Sesi Anda berakhir. Silakan masuk lagi.", "error");
  } else desk.loggedIn.value = false;
});
listen();
listenToKeys();
watchAlerts();
render(<App />, document.getElementById("app")!);

enter().catch((error: unknown) => {
  if (desk.loggedIn.value) desk.say(error instanceof Error ? error.message : "Terjadi gangguan.", "error");
  else desk.loggedIn.value = false;
  if (error instanceof DeskError && error.status !== 401) desk.say(error.message, "error");
});
