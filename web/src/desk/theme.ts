import { effect, signal } from "@preact/signals";
import { load, save } from "../shared/storage";

/** Light or dark: as the system says, until the agent chooses. */

const system = window.matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
const choice = signal<"light" | "dark" | null>(load<"light" | "dark">("sapa:desk:theme"));

system.addEventListener("change", () => (systemDark.value = system.matches));

export function isDark(): boolean {
  return choice.value === null ? systemDark.value : choice.value === "dark";
}

export function toggleTheme(): void {
  choice.value = isDark() ? "light" : "dark";
  save("sapa:desk:theme", choice.value);
}

effect(() => {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
});
