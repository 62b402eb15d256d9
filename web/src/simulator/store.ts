import { signal } from "@preact/signals";
import * as api from "./api";

/** The state of the pretend phone. */

export const list = signal<api.Phone[]>([]);
export const bsuid = signal<string>(window.location.hash.slice(1));
export const messages = signal<api.SimMessage[]>([]);
export const typing = signal(false);
export const problem = signal("");
export const replyTo = signal<api.SimMessage | null>(null);
export const editing = signal<api.SimMessage | null>(null);
export const ageDays = signal(0);
export const twice = signal(false);
export const faults = signal<api.Faults>({ fail_code: null, fail_times: 1, delay_ms: 0, drop_statuses: false, duplicate: false, reorder: false });
/** The last webhook answer, for the side panel. */
export const lastAnswer = signal("");

let asking = false;

/** Picks the pretend customer. */
export function choose(id: string): void {
  bsuid.value = id;
  window.history.replaceState(null, "", `#${id}`);
  messages.value = [];
  typing.value = false;
  replyTo.value = null;
  editing.value = null;
  void poll();
}

async function poll(): Promise<void> {
  const id = bsuid.value;
  if (!id || asking || document.visibilityState === "hidden") return;
  asking = true;
  try {
    const answer = await api.thread(id);
    if (id !== bsuid.value) return;
    if (JSON.stringify(answer.messages) !== JSON.stringify(messages.value)) messages.value = answer.messages;
    typing.value = answer.typing;
    problem.value = "";
  } catch (error) {
    problem.value = error instanceof Error ? error.message : "Tidak ada koneksi ke server.";
  } finally {
    asking = false;
  }
}

/** Sends as the chosen customer, with the oddities chosen in the side panel. */
export async function send(message: api.Send): Promise<void> {
  try {
    const answer = await api.send(bsuid.value, message, ageDays.value * 86_400, twice.value);
    lastAnswer.value = `Webhook menjawab ${answer.status} untuk ${answer.wamid}`;
    await poll();
  } catch (error) {
    problem.value = error instanceof Error ? error.message : "Pesan tidak terkirim.";
  }
}

export async function saveFaults(change: Partial<api.Faults>): Promise<void> {
  faults.value = { ...faults.value, ...change };
  try {
    await api.writeFaults(faults.value);
    problem.value = "";
  } catch (error) {
    problem.value = error instanceof Error ? error.message : "Gangguan tidak tersimpan.";
  }
}

/** Loads the phones and begins to poll each second. */
export async function start(): Promise<void> {
  try {
    list.value = await api.phones();
    faults.value = { ...faults.value, ...(await api.readFaults()) };
    const known = list.value.some((phone) => phone.bsuid === bsuid.value);
    choose(known ? bsuid.value : list.value[0]?.bsuid ?? "");
  } catch (error) {
    problem.value = error instanceof Error ? error.message : "Simulator tidak tersedia.";
  }
  window.setInterval(() => void poll(), 1000);
}
