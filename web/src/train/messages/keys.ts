import { tab, user } from "../store";
import { decide, undo } from "./deciding";
import { filterBy, loadDiff, move } from "./loading";
import * as queue from "./store";

/** Shortcuts of one key; silent in text fields and dialogs. */

export const SHORTCUTS: [string, string][] = [
  ["1", "Dibaca benar"],
  ["2", "Topik lain"],
  ["3", "Intent baru"],
  ["4", "Di luar topik"],
  ["5 / spasi", "Lewati"],
  ["u", "Batalkan keputusan terakhir"],
  ["j / k", "Pesan berikutnya / sebelumnya"],
  ["e", "Ubah kalimat contoh"],
  ["m", "Tandai kata: ← →, Shift memperpanjang, angka memilih jenis"],
  ["d", "Lihat perubahan"],
  ["/", "Cari"],
  ["?", "Bantuan ini"],
];

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function isButton(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(BUTTON|A|SUMMARY)$/.test(target.tagName);
}

export function toggleDiff(): void {
  queue.showsDiff.value = !queue.showsDiff.value;
  queue.pane.value = queue.showsDiff.value ? "diff" : queue.chosenId.value ? "detail" : "list";
  if (queue.showsDiff.value) void loadDiff();
}

function act(event: KeyboardEvent): boolean {
  const has = queue.chosen.value !== null;
  switch (event.key) {
    case "1":
      decide("right");
      return has;
    case "2":
      if (has) queue.dialog.value = "intents";
      return has;
    case "3":
      if (has) queue.dialog.value = "new";
      return has;
    case "4":
      decide("out_of_topic");
      return has;
    case " ":
      if (isButton(event.target)) return false;
      decide("skip");
      return has;
    case "5":
      decide("skip");
      return has;
    case "u":
      undo();
      return true;
    case "j":
      move(1);
      return true;
    case "k":
      move(-1);
      return true;
    case "e":
      queue.editing.value = has;
      return has;
    case "m":
      document.getElementById("words")?.focus();
      return has;
    case "d":
      toggleDiff();
      return true;
    case "/":
      queue.pane.value = "list";
      document.getElementById("search")?.focus();
      return true;
    case "?":
      queue.dialog.value = "keys";
      return true;
    default:
      return false;
  }
}

/** Listens to the keyboard; returns how to stop. */
export function listenToKeys(): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.key === "Escape" && event.target instanceof HTMLInputElement && event.target.id === "search") {
      filterBy({ q: "" });
      event.target.blur();
      return;
    }
    if (!user.value || tab.value !== "pesan" || queue.dialog.value || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isField(event.target)) return;
    if (act(event)) event.preventDefault();
  };
  document.addEventListener("keydown", listener);
  return () => document.removeEventListener("keydown", listener);
}
