import { accept } from "./actions";
import { writeOn } from "./composer";
import { openConversation } from "./loading";
import * as desk from "./store";

/** Shortcuts of one key; silent in text fields and dialogs, and off altogether when the agent says so (WCAG 2.1.4). */

export const SHORTCUTS: [string, string][] = [
  ["j", "Percakapan berikutnya"],
  ["k", "Percakapan sebelumnya"],
  ["r", "Tulis balasan"],
  ["n", "Tulis catatan"],
  ["a", "Terima percakapan"],
  ["h", "Kembalikan ke bot"],
  ["e", "Tutup percakapan"],
  ["/", "Cari percakapan"],
  ["?", "Bantuan ini"],
];

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function move(step: 1 | -1): void {
  const list = desk.listed.value;
  const at = list.findIndex((each) => each.id === desk.openId.value);
  const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : at + step];
  if (next) void openConversation(next.id);
}

function act(key: string): boolean {
  const open = desk.opened.value;
  const mine = open !== null && desk.isMine(open);
  switch (key) {
    case "j":
      move(1);
      return true;
    case "k":
      move(-1);
      return true;
    case "r":
      if (open) writeOn("reply");
      return open !== null;
    case "n":
      if (open) writeOn("note");
      return open !== null;
    case "a": {
      const target = open?.owner === "queue" ? open : !open && desk.box.value === "queue" ? desk.listed.value[0] : undefined;
      if (target) void accept(target);
      return target !== undefined;
    }
    case "h":
      if (mine) desk.dialog.value = "return";
      return mine;
    case "e":
      if (mine) desk.dialog.value = "close";
      return mine;
    case "/":
      desk.pane.value = "list";
      document.getElementById("search")?.focus();
      return true;
    case "?":
      desk.dialog.value = "help";
      return true;
    default:
      return false;
  }
}

/** Begins to listen to the keyboard. */
export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target instanceof HTMLInputElement && event.target.id === "search") {
      desk.query.value = "";
      event.target.blur();
      return;
    }
    if (!desk.singleKeys.value || !desk.loggedIn.value || desk.dialog.value) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isField(event.target)) return;
    if (act(event.key)) event.preventDefault();
  });
}
