import { LiveSocket } from "../shared/live_socket";
import { Retry } from "../shared/retry";
import type { Box, DeskFrame } from "./shapes";

/** The live line of the desk: reconnects by itself, and asks for a full reload after every gap. */

type ClientFrame =
  | { type: "ping" }
  | { type: "watch"; conversation: string | null }
  | { type: "look"; box: Box }
  | { type: "writing"; conversation: string };

class LiveLine {
  private socket: LiveSocket<DeskFrame, ClientFrame> | null = null;
  private watched: string | null = null;
  private box: Box = "all";
  private running = false;
  private hadLine = false;
  private readonly retry = new Retry(() => this.connect());
  onFrame: (frame: DeskFrame) => void = () => undefined;
  onState: (state: "connecting" | "ready" | "lost") => void = () => undefined;
  /** Connected again after a gap: whatever was missed must be fetched. */
  onBack: () => void = () => undefined;

  constructor() {
    const probe = () => this.socket?.probe();
    window.addEventListener("offline", () => this.socket?.close());
    window.addEventListener("online", probe);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && probe());
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.connect();
  }

  stop(): void {
    this.running = false;
    this.hadLine = false;
    this.retry.cancel();
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** Tells the service which conversation is on the screen. */
  watch(conversation: string | null): void {
    this.watched = conversation;
    this.socket?.send({ type: "watch", conversation });
  }

  /** Tells the service which box is on the screen: of what stands in none of the desk's own it tells only those who look at all. */
  look(box: Box): void {
    this.box = box;
    this.socket?.send({ type: "look", box });
  }

  /** Tells colleagues who look at the conversation that this agent writes. */
  writing(conversation: string): void {
    this.socket?.send({ type: "writing", conversation });
  }

  private connect(): void {
    if (!this.running) return;
    this.onState(this.hadLine ? "lost" : "connecting");
    const socket = new LiveSocket<DeskFrame, ClientFrame>("/ws/desk", {
      opened: () => {
        this.retry.succeeded();
        this.onState("ready");
        socket.send({ type: "look", box: this.box });
        if (this.watched) socket.send({ type: "watch", conversation: this.watched });
        if (this.hadLine) this.onBack();
        this.hadLine = true;
      },
      frame: (frame) => this.onFrame(frame),
      down: () => {
        if (this.socket !== socket || !this.running) return;
        this.socket = null;
        this.onState("lost");
        this.retry.later();
      },
    });
    this.socket = socket;
  }
}

export const live = new LiveLine();
