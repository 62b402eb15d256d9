import { render } from "preact";
import { Phone } from "./phone";
import { SidePanel } from "./side_panel";
import { start } from "./store";

/** The page of the pretend phone. */
render(
  <div class="simulator">
    <Phone />
    <SidePanel />
  </div>,
  document.getElementById("app")!,
);
void start();
