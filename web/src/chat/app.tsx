import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Composer } from "./composer";
import { EndDialog } from "./end_dialog";
import { Header } from "./header";
import { Thread } from "./thread";
import { useDelayed } from "./use_delayed";
import { ending, link, notice, owner } from "./store";

function Banner() {
  const state = link.value;
  // A blip shorter than this is nobody's business.
  const shown = useDelayed(state === "lost" || state === "connecting", 1200);
  const text = state === "lost" ? "Menghubungkan kembali…" : "Menghubungkan…";
  return (
    <div role="status" class="status" data-testid="connection-status">
      {shown && state !== "ready" ? <p class="banner">{text}</p> : null}
    </div>
  );
}

/** The whole chat page. */
export function App() {
  const confirming = useSignal(false);
  const menu = useRef<HTMLButtonElement>(null);
  return (
    <main class="chat">
      <Header onEnd={() => (confirming.value = true)} menuRef={menu} />
      <Banner />
      <Thread />
      <div role="alert" class="status">
        {notice.value ? (
          <p class="banner warn">
            {notice.value}
            <button type="button" class="text-button" onClick={() => (notice.value = null)}>
              Tutup
            </button>
          </p>
        ) : null}
      </div>
      {ending.value ? <p class="line">Mengakhiri percakapan…</p> : null}
      {owner.value === "closed" ? (
        <p class="line" data-testid="chat-closed">
          Percakapan telah berakhir. Tulis pesan untuk memulai percakapan baru.
        </p>
      ) : null}
      <Composer />
      {confirming.value ? (
        <EndDialog
          onClose={() => {
            confirming.value = false;
            menu.current?.focus();
          }}
        />
      ) : null}
    </main>
  );
}
