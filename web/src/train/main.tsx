import { render } from "preact";
import { sentence, whenLoggedOut } from "../desk/api";
import { App } from "./app";
import { enter, forget } from "./session";
import * as train from "./store";

/** The trainers' page. */

whenLoggedOut(() => {
  if (train.user.value) train.say("Sesi Anda berakhir. Silakan masuk lagi.", "error");
  forget();
});
render(<App />, document.getElementById("app")!);
enter().catch((error: unknown) => {
  if (train.entered.value === null) {
    train.entered.value = false;
    train.say(sentence(error), "error");
  }
});
