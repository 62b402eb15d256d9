import { type Signal, signal } from "@preact/signals";

/** A sentence for a few seconds; errors are read out at once and stay longer. */

export interface Said {
  text: string;
  kind: "info" | "error";
}

/** What is said on a page, and how to say it. */
export function toaster(): { toast: Signal<Said | null>; say: (text: string, kind?: Said["kind"]) => void } {
  const toast = signal<Said | null>(null);
  let timer: number | undefined;
  const say = (text: string, kind: Said["kind"] = "info") => {
    window.clearTimeout(timer);
    toast.value = { text, kind };
    timer = window.setTimeout(() => (toast.value = null), kind === "error" ? 8000 : 4000);
  };
  return { toast, say };
}

export function Toast({ toast }: { toast: Signal<Said | null> }) {
  const said = toast.value;
  return (
    <div class="toasts">
      <div role="status">{said?.kind === "info" ? <p class="toast">{said.text}</p> : null}</div>
      <div role="alert">{said?.kind === "error" ? <p class="toast error">{said.text}</p> : null}</div>
    </div>
  );
}
