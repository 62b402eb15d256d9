/** One WebSocket of JSON frames with a heartbeat; it never reconnects by itself. */

const OPEN_WITHIN = 8_000;
const PING_EVERY = 20_000;
const SILENT_AFTER = 45_000;

export interface LiveSocketEvents<In> {
  opened(): void;
  frame(frame: In): void;
  /** Called once, when the socket is gone; `wasOpen` tells whether it had ever opened. */
  down(wasOpen: boolean): void;
}

export class LiveSocket<In, Out extends { type: string }> {
  private readonly socket: WebSocket;
  private readonly openTimer: number;
  private pingTimer: number | undefined;
  private heardAt = Date.now();
  private wasOpen = false;
  private over = false;

  constructor(path: string, private readonly events: LiveSocketEvents<In>) {
    const url = new URL(path, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(url);
    this.openTimer = window.setTimeout(() => this.close(), OPEN_WITHIN);
    this.socket.onopen = () => this.onOpen();
    this.socket.onclose = () => this.finish();
    this.socket.onmessage = (event) => this.onMessage(event.data);
  }

  /** Sends the frame; false when the socket is not open. */
  send(frame: Out): boolean {
    if (this.over || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Asks for a sign of life now; without one the socket closes after the given time. */
  probe(within = 5_000): void {
    const asked = Date.now();
    if (!this.sendPing()) return;
    window.setTimeout(() => {
      if (this.heardAt < asked) this.close();
    }, within);
  }

  close(): void {
    this.socket.close();
    // A dead network can delay the close event for minutes: do not wait for it.
    this.finish();
  }

  private onOpen(): void {
    window.clearTimeout(this.openTimer);
    this.wasOpen = true;
    this.heardAt = Date.now();
    this.pingTimer = window.setInterval(() => this.beat(), PING_EVERY);
    this.events.opened();
  }

  private beat(): void {
    if (Date.now() - this.heardAt > SILENT_AFTER) this.close();
    else this.sendPing();
  }

  private sendPing(): boolean {
    return this.send({ type: "ping" } as Out);
  }

  private onMessage(data: unknown): void {
    this.heardAt = Date.now();
    if (this.over || typeof data !== "string") return;
    let frame: In;
    try {
      frame = JSON.parse(data) as In;
    } catch {
      return;
    }
    this.events.frame(frame);
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    window.clearTimeout(this.openTimer);
    window.clearInterval(this.pingTimer);
    this.events.down(this.wasOpen);
  }
}
