import type { RefObject } from "preact";
import { CloseIcon } from "../shared/icons";
import { embedded, tellHost } from "./host";
import { messages } from "./thread_state";
import { agent, brand, owner, queuePosition } from "./store";

function statusLine(): string {
  switch (owner.value) {
    case "agent":
      return agent.value ? `Anda dilayani oleh ${agent.value}` : "Anda dilayani oleh petugas";
    case "queue":
      return queuePosition.value ? `Menunggu petugas, antrean ke-${queuePosition.value}` : "Menunggu petugas";
    case "closed":
      return "Percakapan telah berakhir";
    default:
      return brand.value.subtitle || "Asisten virtual";
  }
}

/** Title, who is answering, and the ways out. */
export function Header({ onEnd, menuRef }: { onEnd: () => void; menuRef: RefObject<HTMLButtonElement> }) {
  const canEnd = owner.value !== "closed" && messages.value.length > 0;
  return (
    <header class="head">
      <div class="mark" aria-hidden="true">
        {(brand.value.name || brand.value.title).slice(0, 1)}
      </div>
      <div class="titles">
        <h1>{brand.value.title}</h1>
        <p role="status" data-testid="chat-state">
          {statusLine()}
        </p>
      </div>
      {canEnd ? (
        <button type="button" class="head-button" ref={menuRef} onClick={onEnd}>
          Akhiri<span class="visually-hidden"> percakapan</span>
        </button>
      ) : null}
      {embedded ? (
        <button type="button" class="head-button icon-only" aria-label="Tutup obrolan" onClick={() => tellHost({ sapa: 1, type: "close" })}>
          <CloseIcon />
        </button>
      ) : null}
    </header>
  );
}
