import { accept } from "./actions";
import { suggestions } from "./assist/store";
import { takeSuggestion } from "./assist/strip";
import { writeOn } from "./composer/text";
import { offers } from "./floor/store";
import { openConversation } from "./loading";
import { sayStep } from "./procedure/bar";
import * as desk from "./store";

/**
 * Shortcuts. Those of one key are silent in text fields and dialogs, and off altogether when the agent says so (WCAG 2.1.4);
 * those with Alt work everywhere but in dialogs.
 */

export const SHORTCUTS: [string, string][] = [
  ["j", "Percakapan berikutnya"],
  ["k", "Percakapan sebelumnya"],
  ["r", "Tulis balasan"],
  ["n", "Tulis catatan"],
  ["a", "Terima percakapan"],
  ["t", "Alihkan percakapan"],
  ["h", "Kembalikan ke bot"],
  ["e", "Tutup percakapan"],
  ["/", "Cari percakapan"],
  ["?", "Bantuan ini"],
];

export const ALWAYS: [string, string][] = [
  ["Alt+A", "Terima tawaran"],
  ["Alt+1 … 3", "Sisipkan saran"],
  ["Alt+Shift+1 … 8", "Sisipkan teks langkah SOP"],
  ["Alt+L", "Tulis balasan"],
  ["Alt+N", "Tulis catatan"],
  ["Alt+T", "Alihkan percakapan"],
  ["Alt+J / K", "Percakapan berikutnya / sebelumnya"],
  ["Alt+O", "Buka atau tutup panel rincian"],
  ["/", "Di awal kata: balasan siap pakai"],
  ["@", "Di catatan: sebut rekan"],
  ["Enter", "Kirim; Shift+Enter baris baru"],
  ["Esc", "Keluar dari kolom tulisan atau dialog"],
];

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function move(step: 1 | -1): true {
  const list = desk.listed.value;
  const at = list.findIndex((each) => each.id === desk.openId.value);
  const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : at + step];
  if (next) void openConversation(next.id);
  return true;
}

function write(tab: "reply" | "note"): boolean {
  const open = desk.opened.value;
  if (open) writeOn(tab === "reply" && open.manual ? "agent" : tab);
  return open !== null;
}

/** Opens a dialog about the open conversation, for whom may act on it. */
function opens(dialog: desk.DialogName): boolean {
  const open = desk.opened.value;
  const may = open !== null && desk.mayAct(open) && (dialog !== "close" || open.owner === "agent");
  if (may) desk.dialog.value = dialog;
  return may;
}

function single(key: string): boolean {
  const open = desk.opened.value;
  switch (key) {
    case "j":
      return move(1);
    case "k":
      return move(-1);
    case "r":
      return write("reply");
    case "n":
      return write("note");
    case "a": {
      const target = open?.owner === "queue" ? open : !open && desk.box.value === "queue" ? desk.listed.value[0] : undefined;
      if (target) void accept(target);
      return target !== undefined;
    }
    case "t":
      return desk.options.value?.teams ? opens("transfer") : false;
    case "h":
      return open?.manual ? false : opens("return");
    case "e":
      return opens("close");
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

function insertNumber(digit: number, step: boolean): boolean {
  const open = desk.opened.value;
  if (!open || !desk.isMine(open)) return false;
  if (step) {
    const chosen = desk.procedure.value?.steps[digit - 1];
    if (chosen) sayStep(open.id, chosen);
    return chosen !== undefined;
  }
  const suggestion = suggestions.value[digit - 1];
  if (suggestion) takeSuggestion(open.id, suggestion);
  return suggestion !== undefined;
}

/** By the place of the key: with Alt some keyboards write other letters. */
function withAlt(code: string, shift: boolean): boolean {
  const digit = /^Digit([1-8])$/.exec(code)?.[1];
  if (digit) return insertNumber(Number(digit), shift);
  if (shift) return false;
  switch (code) {
    case "KeyA": {
      const offer = offers.value[0];
      if (offer) void accept(offer);
      return offer !== undefined;
    }
    case "KeyL":
      return write("reply");
    case "KeyN":
      return write("note");
    case "KeyT":
      return desk.options.value?.teams ? opens("transfer") : false;
    case "KeyJ":
      return move(1);
    case "KeyK":
      return move(-1);
    case "KeyO":
      desk.showContext(!desk.contextShown.value);
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
    if (!desk.loggedIn.value || desk.dialog.value || event.isComposing || event.ctrlKey || event.metaKey) return;
    const done = event.altKey ? withAlt(event.code, event.shiftKey) : desk.singleKeys.value && !isField(event.target) && single(event.key);
    if (done) event.preventDefault();
  });
}
