import { signal } from "@preact/signals";
import type { Media } from "../shared/message";
import { newId } from "../shared/storage";
import type { ClientFrame } from "./frames";
import { unsent, type Outgoing } from "./session";

/**
 * The customer's messages on their way: kept until the service has stored or refused them, sent strictly in order,
 * each under one client_id however often it is tried.
 */

const ACK_WITHIN = 12_000;

export interface Draft {
  text: string;
  payload?: string | null;
  reply_to?: string | null;
  media?: Media[];
}

export interface OutboxEvents {
  send(frame: ClientFrame): boolean;
  /** No answer came in time: the connection is no good. */
  stuck(): void;
}

export class Outbox {
  readonly items = signal<Outgoing[]>(unsent.load());
  private inFlight: string | null = null;
  private timer: number | undefined;

  constructor(private readonly events: OutboxEvents) {}

  add(draft: Draft): void {
    const last = this.items.value.at(-1)?.order ?? 0;
    const item: Outgoing = {
      client_id: newId(),
      order: Math.max(Date.now(), last + 1),
      text: draft.text,
      payload: draft.payload ?? null,
      reply_to: draft.reply_to ?? null,
      media: draft.media ?? [],
      at: new Date().toISOString(),
      state: "waiting",
      error: null,
    };
    unsent.save(item);
    this.items.value = [...this.items.value, item];
    this.pump();
  }

  /** Sends the oldest message that waits, when none is on its way. */
  pump(): void {
    if (this.inFlight) return;
    const item = this.items.value.find((each) => each.state === "waiting");
    if (!item) return;
    const { client_id, text, payload, reply_to } = item;
    const media = item.media.map((each) => each.id);
    if (!this.events.send({ type: "message", client_id, text, payload, reply_to, media })) return;
    this.inFlight = client_id;
    this.change(client_id, { state: "sending" });
    this.timer = window.setTimeout(() => this.events.stuck(), ACK_WITHIN);
  }

  /** The connection is gone: whatever was on its way waits again, under the same id. */
  interrupted(): void {
    this.landed(this.inFlight);
    for (const item of this.items.value) if (item.state === "sending") this.change(item.client_id, { state: "waiting" });
  }

  /** The service has stored the message; gives back what was sent, or null when it is not one of ours. */
  stored(clientId: string): Outgoing | null {
    const item = this.items.value.find((each) => each.client_id === clientId) ?? null;
    unsent.forget(clientId);
    this.items.value = this.items.value.filter((each) => each.client_id !== clientId);
    this.landed(clientId);
    return item;
  }

  refused(clientId: string, reason: string): void {
    this.change(clientId, { state: "failed", error: reason });
    this.landed(clientId);
  }

  /** Tries a refused message again, as a new message at the end. */
  again(clientId: string): void {
    const item = this.stored(clientId);
    if (item) this.add(item);
  }

  discard(clientId: string): void {
    this.stored(clientId);
  }

  private landed(clientId: string | null): void {
    if (!clientId || this.inFlight !== clientId) return;
    window.clearTimeout(this.timer);
    this.inFlight = null;
    queueMicrotask(() => this.pump());
  }

  private change(clientId: string, patch: Partial<Outgoing>): void {
    this.items.value = this.items.value.map((item) => {
      if (item.client_id !== clientId) return item;
      const changed = { ...item, ...patch };
      unsent.save(changed);
      return changed;
    });
  }
}
