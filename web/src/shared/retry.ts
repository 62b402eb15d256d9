/** Repeats an attempt with growing pauses (1, 2, 4 … 30 s, with jitter), and at once when the network or the tab comes back. */
export class Retry {
  private tries = 0;
  private timer: number | undefined;

  constructor(private readonly attempt: () => void) {
    window.addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.now();
    });
  }

  /** Whether an attempt is planned. */
  get waiting(): boolean {
    return this.timer !== undefined;
  }

  /** Plans the next attempt. */
  later(): void {
    window.clearTimeout(this.timer);
    const pause = Math.min(30_000, 1000 * 2 ** this.tries);
    this.tries += 1;
    this.timer = window.setTimeout(() => this.fire(), pause * (0.75 + Math.random() * 0.5));
  }

  /** Makes the planned attempt now; does nothing when none is planned. */
  now(): void {
    if (this.waiting) this.fire();
  }

  /** The attempt worked: the next pause is short again. */
  succeeded(): void {
    this.tries = 0;
    this.cancel();
  }

  cancel(): void {
    window.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private fire(): void {
    this.cancel();
    this.attempt();
  }
}
