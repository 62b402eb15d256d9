import { render } from "preact";
import { effect } from "@preact/signals";
import { sentence, whenLoggedOut } from "../desk/api";
import { App } from "./app";
import { listen } from "./hearing";
import { listenToKeys } from "./keys";
import { follow } from "./loading";
import { enter, leave } from "./session";
import * as store from "./store";

/** The page for tickets. */

whenLoggedOut(() => {
  if (store.entered.value) store.say("Sesi Anda berakhir. Silakan masuk lagi.", "error");
  leave();
});
listen();
listenToKeys();
window.addEventListener("hashchange", () => store.entered.value && follow());
window.addEventListener("popstate", () => store.entered.value && follow());
effect(() => {
  const late = store.counts.value?.late ?? 0;
  const what = store.openNumber.value ?? "Tiket";
  document.title = `${store.entered.value && late > 0 ? `(${late} terlambat) ` : ""}Sapa – ${what}`;
});
render(<App />, document.getElementById("app")!);
enter().catch((error: unknown) => {
  if (store.entered.value === null) {
    store.entered.value = false;
    store.say(sentence(error), "error");
  }
});
