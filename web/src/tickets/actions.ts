import type { Named } from "../desk/shapes";
import { DeskError, sentence } from "../desk/api";
import { change } from "./changing";
import type { Options } from "./shapes";
import * as store from "./store";

/** What can be done with a ticket, as `allowed` names it: the words, the key, what the dialog asks. */

export interface Action {
  id: string;
  label: string;
  submit?: string;
  key?: string;
  /** Done at once, without asking. */
  direct?: boolean;
  reasons?: (options: Options) => Named[];
  /** The label of the note, and whether there must be one. */
  note?: { label: string; required?: boolean; told?: string };
  done: string;
}

export const ACTIONS: Action[] = [
  { id: "accept", label: "Terima", key: "a", direct: true, done: "diterima" },
  { id: "work", label: "Kerjakan", direct: true, done: "dikerjakan" },
  { id: "resume", label: "Lanjutkan", key: "r", direct: true, done: "dilanjutkan" },
  { id: "dispatch", label: "Teruskan", key: "t", reasons: (each) => each.dispatch_reasons, note: { label: "Catatan untuk unit penerima" }, done: "diteruskan" },
  { id: "return", label: "Kembalikan", key: "h", reasons: (each) => each.return_reasons, note: { label: "Catatan untuk unit asal", required: true }, done: "dikembalikan" },
  { id: "assign", label: "Tugaskan", key: "g", done: "ditugaskan" },
  { id: "wait", label: "Minta data nasabah", key: "w", note: { label: "Data yang diminta (dibaca nasabah)", required: true, told: "waiting_customer" }, done: "menunggu nasabah" },
  { id: "propose", label: "Usulkan selesai", key: "p", note: { label: "Tindak lanjut (dibaca nasabah)", required: true, told: "confirming" }, done: "menunggu konfirmasi nasabah" },
  { id: "solve", label: "Selesaikan", key: "e", done: "diselesaikan" },
  { id: "confirm", label: "Konfirmasi", submit: "Nasabah sudah mengonfirmasi", note: { label: "Catatan" }, done: "dikonfirmasi nasabah" },
  { id: "no_response", label: "Pelapor tidak merespons", submit: "Tutup: tidak merespons", note: { label: "Catatan" }, done: "ditutup karena pelapor tidak merespons" },
  { id: "reopen", label: "Buka kembali", reasons: (each) => each.reopen_reasons, note: { label: "Catatan" }, done: "dibuka kembali" },
  { id: "calls", label: "Catat panggilan", key: "l", done: "panggilan dicatat" },
  { id: "merge", label: "Gabungkan", done: "digabungkan" },
  { id: "split", label: "Pisahkan", done: "dipisahkan" },
  { id: "link", label: "Tautkan", done: "ditautkan" },
];

/** What may be done with the open ticket, now. */
export function allowed(): Action[] {
  return ACTIONS.filter((each) => store.may(each.id));
}

/** Begins an action: at once, or with its dialog. */
export async function begin(action: Action): Promise<void> {
  const ticket = store.ticket.value;
  if (!ticket || !store.may(action.id)) return;
  if (!action.direct) {
    store.dialog.value = action.id;
    return;
  }
  try {
    await change(ticket, `/${action.id}`, {});
    store.say(`Tiket ${ticket.number} ${action.done}.`);
  } catch (error) {
    store.say(error instanceof DeskError ? error.message : sentence(error), "error");
  }
}
