import { Launcher } from "./launcher";
import { isFromChat, type FromChat, type ToChat } from "./bridge_frames";

/**
 * The script other sites load: draws the launcher and an iframe of our chat page, and passes words between them.
 * It sets no cookie, reads nothing of the host page but its address, and needs no inline style or script.
 */

type Listener = (detail: unknown) => void;

interface SapaApi {
  open(): void;
  close(): void;
  on(event: string, listener: Listener): () => void;
}

declare global {
  interface Window {
    Sapa?: SapaApi;
  }
}

function ownScript(): HTMLScriptElement | null {
  const current = document.currentScript;
  if (current instanceof HTMLScriptElement) return current;
  return document.querySelector<HTMLScriptElement>('script[src*="/widget.js"]');
}

function start(script: HTMLScriptElement): void {
  const origin = new URL(script.src, document.baseURI).origin;
  const inbox = script.dataset.inbox ?? "web";
  const listeners = new Map<string, Set<Listener>>();
  const launcher = new Launcher(`${origin}/chat?inbox=${encodeURIComponent(inbox)}`, {
    opened: () => tell({ sapa: 1, type: "open" }),
    closed: () => tell({ sapa: 1, type: "closed" }),
    loaded: () => {
      const page = window.location.origin + window.location.pathname;
      tell({ sapa: 1, type: "host", page, open: launcher.isOpen });
    },
  });

  function tell(frame: ToChat): void {
    launcher.frame?.contentWindow?.postMessage(frame, origin);
  }

  function emit(event: string, detail: unknown): void {
    for (const listener of listeners.get(event) ?? []) {
      try {
        listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
  }

  function hear(frame: FromChat): void {
    if (frame.type === "close") launcher.close(true);
    else if (frame.type === "unread") launcher.setUnread(frame.count);
    else if (frame.type === "brand") launcher.setBrand(frame.name, frame.color);
    else if (frame.type === "message") emit("message", frame.message);
  }

  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (event.origin !== origin || !launcher.frame || event.source !== launcher.frame.contentWindow) return;
    if (isFromChat(event.data)) hear(event.data);
  });

  window.Sapa = {
    open: () => launcher.open(),
    close: () => launcher.close(false),
    on(event, listener) {
      const set = listeners.get(event) ?? new Set<Listener>();
      listeners.set(event, set.add(listener));
      return () => void set.delete(listener);
    },
  };

  const mount = () => {
    launcher.mount();
    // The frame loads after the host page's own work; it shows what is unread to customers who come back.
    if (document.readyState === "complete") launcher.preload();
    else window.addEventListener("load", () => launcher.preload(), { once: true });
  };
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount, { once: true });
}

const script = ownScript();
if (script && !window.Sapa) start(script);
