import { LiveSocket } from "../shared/live_socket";
import { Retry } from "../shared/retry";
import type { ClientFrame, ServerFrame } from "./frames";

/**
 * Keeps the chat connected: a WebSocket with reconnects, and POST polling where sockets do not open.
 * Frames reach the server only after its welcome; frames sent before are refused, so callers keep what matters.
 */

const POLL_EVERY = 3_000;
const SOCKET_AGAIN_AFTER = 120_000;
const FAILURES_BEFORE_POLLING = 3;

export interface ConnectionEvents {
  hello(): Extract<ClientFrame, { type: "hello" }>;
  frame(frame: ServerFrame): void;
  ready(): void;
  lost(): void;
  after(): number;
  token(): string | null;
  tokenRefused(): void;
}

export class Connection {
  ready = false;
  private socket: LiveSocket<ServerFrame, ClientFrame> | null = null;
  private poll: Polling | null = null;
  private failures = 0;
  private readonly retry = new Retry(() => this.attempt());

  constructor(private readonly events: ConnectionEvents) {
    window.addEventListener("offline", () => {
      if (!this.socket && !this.poll) return;
      this.drop();
      this.retry.later();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.socket?.probe();
    });
    window.addEventListener("online", () => this.socket?.probe(3_000));
  }

  start(): void {
    if (!this.socket && !this.poll && !this.retry.waiting) this.attempt();
  }

  /** Sends the frame when connected; tells whether it went out. */
  send(frame: ClientFrame): boolean {
    if (!this.ready) return false;
    if (this.poll) {
      this.poll.send(frame);
      return true;
    }
    return this.socket?.send(frame) ?? false;
  }

  /** Gives up the present connection and makes a new one at once. */
  restart(): void {
    this.drop();
    this.attempt();
  }

  private attempt(): void {
    this.retry.cancel();
    if (this.failures >= FAILURES_BEFORE_POLLING) this.startPolling();
    else this.startSocket();
  }

  private startSocket(): void {
    const socket = new LiveSocket<ServerFrame, ClientFrame>("/ws/chat", {
      opened: () => socket.send(this.events.hello()),
      frame: (frame) => this.hear(frame),
      down: (wasOpen) => {
        if (this.socket !== socket) return;
        if (!wasOpen && navigator.onLine) this.failures += 1;
        this.drop();
        this.retry.later();
      },
    });
    this.socket = socket;
  }

  private startPolling(): void {
    const poll = new Polling(this.events, {
      frame: (frame) => this.hear(frame),
      failed: () => {
        if (this.poll !== poll) return;
        this.failures = FAILURES_BEFORE_POLLING - 1;
        this.drop();
        this.retry.later();
      },
      tired: () => {
        if (this.poll !== poll) return;
        this.failures = FAILURES_BEFORE_POLLING - 1;
        this.restart();
      },
    });
    this.poll = poll;
    poll.start();
  }

  private hear(frame: ServerFrame): void {
    const first = frame.type === "welcome" && !this.ready;
    if (first) {
      this.ready = true;
      this.retry.succeeded();
      if (this.socket) this.failures = 0;
    }
    this.events.frame(frame);
    if (first && this.ready) this.events.ready();
  }

  private drop(): void {
    const { socket, poll } = this;
    this.socket = null;
    this.poll = null;
    this.ready = false;
    socket?.close();
    poll?.stop();
    this.events.lost();
  }
}

interface PollingEvents {
  frame(frame: ServerFrame): void;
  failed(): void;
  /** It is time to try a socket again. */
  tired(): void;
}

/** POST /api/chat/frames every three seconds, and at once when there is something to send. */
class Polling {
  private outgoing: ClientFrame[] = [];
  private timer: number | undefined;
  private busy = false;
  private stopped = false;
  private readonly began = Date.now();

  constructor(private readonly connection: ConnectionEvents, private readonly events: PollingEvents) {}

  start(): void {
    this.send(this.connection.hello());
  }

  send(frame: ClientFrame): void {
    if (frame.type === "ping") return;
    this.outgoing.push(frame);
    this.plan(0);
  }

  stop(): void {
    this.stopped = true;
    window.clearTimeout(this.timer);
  }

  private plan(delay: number): void {
    window.clearTimeout(this.timer);
    if (!this.stopped && !this.busy) this.timer = window.setTimeout(() => void this.exchange(), delay);
  }

  private async exchange(): Promise<void> {
    const frames = this.outgoing.splice(0);
    this.busy = true;
    try {
      const token = this.connection.token();
      const answer = await fetch("/api/chat/frames", {
        method: "POST",
        headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
        body: JSON.stringify({ frames, after: this.connection.after() }),
      });
      if (answer.status === 401) this.connection.tokenRefused();
      if (!answer.ok) throw new Error(String(answer.status));
      const body = (await answer.json()) as { frames?: ServerFrame[] };
      this.busy = false;
      for (const frame of body.frames ?? []) if (!this.stopped) this.events.frame(frame);
      if (Date.now() - this.began > SOCKET_AGAIN_AFTER && this.outgoing.length === 0) this.events.tired();
      else this.plan(this.outgoing.length > 0 ? 0 : POLL_EVERY);
    } catch {
      this.busy = false;
      if (!this.stopped) this.events.failed();
    }
  }
}
