import { call, csrfToken, DeskError } from "../desk/api";
import { loadSoon, put, ticketPath, TICKETS } from "./loading";
import { type Ticket, who } from "./shapes";
import * as store from "./store";

/** Changes of tickets. What somebody else changed meanwhile is told, and taken in, before anything is lost. */

type Method = "POST" | "PATCH" | "DELETE";

/** What is different about a ticket, in sentences. */
export function differences(before: Ticket, after: Ticket): string[] {
  const known = new Set(before.history.map((each) => each.at + each.what));
  const told = after.history.filter((each) => !known.has(each.at + each.what)).map((each) => `${who(each.by)}: ${each.what}`);
  if (told.length > 0) return told.slice(0, 4);
  const found: string[] = [];
  const compare = (label: string, one: string | null | undefined, other: string | null | undefined) => one !== other && found.push(`${label}: ${other || "–"}`);
  compare("Status", before.status.label, after.status.label);
  compare("Unit", before.unit.label, after.unit.label);
  compare("Petugas", before.assignee?.name, after.assignee?.name);
  compare("Prioritas", before.priority.label, after.priority.label);
  compare("Ringkasan", before.summary, after.summary);
  if (before.detail !== after.detail) found.push("Uraian diubah");
  if (before.notes.length !== after.notes.length) found.push("Ada catatan baru");
  return found;
}

/** The refusal to tell when the ticket was changed meanwhile; the ticket on the screen is then the present one. */
async function refusal(error: DeskError, before: Ticket): Promise<DeskError> {
  let now = (error.body as { ticket?: Ticket } | null)?.ticket;
  if (!now?.history) now = (await call<{ ticket: Ticket }>("GET", ticketPath(before.number))).ticket;
  put(now);
  const what = differences(before, now);
  const told = what.length > 0 ? ` Yang berubah — ${what.join("; ")}.` : "";
  return new DeskError(409, "conflict", `Tiket baru saja diubah orang lain.${told} Mohon periksa, lalu simpan lagi.`);
}

/** Changes the ticket as it was seen. Throws a sentence when that is refused; `seen` then has to be taken anew. */
export async function change(seen: Ticket, path: string, body: Record<string, unknown>, method: Method = "POST"): Promise<Ticket> {
  try {
    const { ticket } = await call<{ ticket: Ticket }>(method, ticketPath(seen.number, path), { ...body, version: seen.version });
    if (ticket.number === seen.number) put(ticket);
    loadSoon();
    return ticket;
  } catch (error) {
    if (error instanceof DeskError && error.code === "conflict") throw await refusal(error, seen);
    const now = error instanceof DeskError ? (error.body as { ticket?: Ticket } | null)?.ticket : null;
    if (now?.history) put(now);
    throw error;
  }
}

/** Makes a ticket by hand. */
export async function make(body: Record<string, unknown>): Promise<Ticket> {
  const { ticket } = await call<{ ticket: Ticket }>("POST", TICKETS, body);
  loadSoon();
  return ticket;
}

const REASONS: Record<number, string> = { 413: "Berkas terlalu besar.", 415: "Jenis berkas ini tidak dapat diunggah." };

/** Puts a file to the ticket. */
export async function upload(number: string, file: File): Promise<void> {
  const form = new FormData();
  form.append("file", file, file.name);
  let answer: Response;
  try {
    answer = await fetch(ticketPath(number, "/files"), { method: "POST", headers: { "X-CSRF-Token": csrfToken() }, body: form, signal: AbortSignal.timeout(120_000) });
  } catch {
    throw new DeskError(0, "network", "Tidak ada koneksi ke server.");
  }
  const json = (await answer.json().catch(() => null)) as { ticket?: Ticket; error?: { code?: string; message?: string } } | null;
  if (!answer.ok || !json?.ticket) {
    throw new DeskError(answer.status, json?.error?.code ?? "upload", json?.error?.message || REASONS[answer.status] || "Berkas tidak dapat diunggah. Mohon coba lagi.");
  }
  put(json.ticket);
}

export interface Done {
  done: string[];
  refused: { number: string; code: string; message: string }[];
}

/** Changes every ticked ticket; those refused stay ticked. */
export async function changeMany(body: Record<string, unknown>): Promise<Done> {
  const tickets = store.rows.value.filter((each) => store.ticked.value.has(each.number)).map(({ number, version }) => ({ number, version }));
  const answer = await call<Done>("POST", `${TICKETS}/bulk`, { tickets, ...body });
  store.ticked.value = new Set(answer.refused.map((each) => each.number));
  loadSoon();
  return answer;
}
