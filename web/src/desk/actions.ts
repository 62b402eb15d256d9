import { batch } from "@preact/signals";
import { call, conversationPath, DeskError, sentence, setCsrf } from "./api";
import { live } from "./live";
import { closeConversation, enter, loadBoxesSoon, openConversation, reloadCard, reloadConversation } from "./loading";
import type { Message } from "../shared/message";
import type { Summary, Ticket, User } from "./shapes";
import * as desk from "./store";

/** What an agent does, each with its words for success and failure. */

export async function login(username: string, password: string): Promise<void> {
  const answer = await call<{ user: User; csrf: string }>("POST", "/api/login", { username, password });
  setCsrf(answer.csrf);
  await enter();
}

export async function logout(): Promise<void> {
  try {
    await call<null>("POST", "/api/logout");
  } catch {
    // The session is left anyway.
  }
  leave();
}

/** Shows the login form again; drafts and unsent texts stay stored. */
export function leave(): void {
  live.stop();
  closeConversation();
  batch(() => {
    desk.summaries.value = new Map();
    desk.allIds.value = new Set();
    desk.me.value = null;
    desk.dialog.value = null;
    desk.loggedIn.value = false;
  });
}

/** Takes the conversation; says who has it when somebody was faster. */
export async function accept(summary: Summary): Promise<void> {
  try {
    const { conversation } = await call<{ conversation: Summary }>("POST", conversationPath(summary.id, "/accept"), { episode: summary.episode });
    batch(() => {
      desk.putSummaries([conversation]);
      desk.box.value = "mine";
      desk.query.value = "";
    });
    if (desk.openId.value === summary.id) void reloadConversation();
    else void openConversation(summary.id);
  } catch (error) {
    if (error instanceof DeskError && error.status === 409) {
      const name = (error.body as { taken_by?: string } | null)?.taken_by;
      desk.say(name ? `Sedang ditangani oleh ${name}.` : error.message, "error");
      loadBoxesSoon();
      void reloadConversation();
    } else {
      desk.say(sentence(error), "error");
    }
  }
}

/** Gives the conversation back to the bot. Throws on failure, so that the dialog stays open. */
export async function giveBack(id: string, reason: string): Promise<void> {
  const { conversation } = await call<{ conversation: Summary }>("POST", conversationPath(id, "/return"), { reason });
  desk.putSummaries([conversation]);
  desk.say("Percakapan dikembalikan ke bot.");
  if (desk.openId.value === id) closeConversation();
}

export interface Ending {
  outcome: string;
  closing: boolean;
  topic?: string;
  sub_topic?: string | null;
  /** Why a leader closes although steps are missing. */
  override?: string;
}

/** Closes the conversation; it stays on the screen while its agent writes up. Throws on failure, so that the dialog stays open. */
export async function finish(id: string, ending: Ending): Promise<void> {
  const { conversation } = await call<{ conversation: Summary }>("POST", conversationPath(id, "/close"), ending);
  desk.putSummaries([conversation]);
  desk.say("Percakapan ditutup.");
  loadBoxesSoon();
  if (desk.openId.value !== id) return;
  if (desk.isWritingUp(conversation)) desk.composerTab.value = conversation.manual ? "customer" : "reply";
  else closeConversation();
}

/** Sends a failed message once more, as a new one. */
export async function sendAgain(id: string, message: string): Promise<void> {
  try {
    const answer = await call<{ message: Message }>("POST", conversationPath(id, "/retry"), { message });
    if (desk.openId.value === id) desk.putMessages([answer.message]);
  } catch (error) {
    desk.say(sentence(error), "error");
  }
}

export interface ContactDraft {
  kind: string;
  name: string;
  phone: string;
  outlet: string | null;
  topic: string | null;
}

/** The new contact's conversation; the one under way where this customer's contact is in the agent's hands already. */
async function contactOf(draft: ContactDraft): Promise<Summary> {
  try {
    return (await call<{ conversation: Summary }>("POST", "/api/desk/contacts", draft)).conversation;
  } catch (error) {
    const body = error instanceof DeskError && error.status === 409 ? (error.body as { conversation?: Summary } | null) : null;
    if (!body?.conversation) throw error;
    desk.say("Kontak dengan nasabah ini masih terbuka.");
    return body.conversation;
  }
}

/** Records a contact from elsewhere and opens it. Throws on failure, so that the dialog stays open. */
export async function recordContact(draft: ContactDraft): Promise<void> {
  const conversation = await contactOf(draft);
  batch(() => {
    desk.putSummaries([conversation]);
    desk.box.value = "mine";
    desk.query.value = "";
  });
  await openConversation(conversation.id);
}

export interface TicketDraft {
  topic: string;
  summary: string;
  detail: string;
  product: string | null;
  priority: string;
}

export async function makeTicket(id: string, draft: TicketDraft): Promise<Ticket> {
  const { ticket } = await call<{ ticket: Ticket }>("POST", conversationPath(id, "/ticket"), draft);
  putTicket(ticket);
  desk.say(`Tiket ${ticket.number} dibuat.`);
  void reloadCard(id);
  return ticket;
}

export type TicketChange = Partial<{ summary: string; detail: string; priority: string; status: string; note: string }>;

export async function changeTicket(ticket: Ticket, change: TicketChange): Promise<void> {
  const path = `/api/desk/tickets/${encodeURIComponent(ticket.number)}`;
  try {
    const answer = await call<{ ticket: Ticket }>("PATCH", path, { ...change, version: ticket.version });
    putTicket(answer.ticket);
    desk.say(`Tiket ${ticket.number} diperbarui.`);
  } catch (error) {
    if (!(error instanceof DeskError) || error.status !== 409) throw error;
    if (desk.openId.value) await reloadCard(desk.openId.value);
    throw new DeskError(409, "conflict", "Tiket baru saja diubah orang lain. Mohon periksa isinya, lalu simpan lagi.");
  }
}

function putTicket(ticket: Ticket): void {
  const card = desk.card.value;
  if (!card) return;
  const others = (card.tickets ?? []).filter((each) => each.number !== ticket.number);
  desk.card.value = { ...card, tickets: [ticket, ...others] };
}

let typedAt = 0;
let writingAt = 0;

/** Tells the customer that an agent is writing, at most every four seconds, and colleagues at most every three. */
export function reportTyping(summary: Summary, tab: desk.ComposerTab): void {
  const now = Date.now();
  if (now - writingAt >= 3000 && "viewers" in desk.knows.value) {
    writingAt = now;
    live.writing(summary.id);
  }
  if (tab !== "reply" || now - typedAt < 4000) return;
  typedAt = now;
  call<null>("POST", conversationPath(summary.id, "/typing")).catch(() => undefined);
}

/** The reply is on its way: the next key is told at once. */
export function typingOver(): void {
  typedAt = 0;
}

/** Tells the trainers that the bot misread a message, or takes that back. */
export async function markMisread(message: string, wrong: boolean): Promise<void> {
  const id = desk.openId.value;
  if (!id) return;
  try {
    await call("POST", conversationPath(id, "/misread"), { message, wrong });
    await reloadCard(id);
    if (wrong) desk.say("Terima kasih. Pelatih akan meninjau pesan ini.");
  } catch (error) {
    desk.say(sentence(error), "error");
  }
}
