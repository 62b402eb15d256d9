import { signal } from "@preact/signals";
import { call, DeskError, sentence } from "../../desk/api";
import { ticketPath } from "../loading";
import type { Case } from "../shapes";
import * as store from "../store";

/** The case file of the open ticket; read only by who is in it. */

export const file = signal<{ number: string; case: Case | null; refused: string } | null>(null);

export async function loadCase(number: string): Promise<void> {
  try {
    const answer = await call<{ case: Case }>("GET", ticketPath(number, "/case"));
    file.value = { number, case: answer.case, refused: "" };
  } catch (error) {
    const outside = error instanceof DeskError && error.status === 403;
    file.value = { number, case: null, refused: outside ? "Berkas kasus hanya dapat dibaca anggotanya." : sentence(error) };
  }
}

/** Changes the file. Throws a sentence when that is refused. */
export async function changeCase(number: string, part: string, body: Record<string, unknown>): Promise<void> {
  const answer = await call<{ case: Case }>("POST", ticketPath(number, `/case${part}`), body);
  if (store.openNumber.value === number) file.value = { number, case: answer.case, refused: "" };
}

/** The same, from a button: a refusal is said. */
export async function tryCase(number: string, part: string, body: Record<string, unknown>): Promise<void> {
  try {
    await changeCase(number, part, body);
  } catch (error) {
    store.say(sentence(error), "error");
  }
}
