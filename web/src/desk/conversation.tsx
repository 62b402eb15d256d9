import { BackIcon, InfoIcon } from "../shared/icons";
import { countdown, span } from "../shared/time";
import { accept } from "./actions";
import { Composer } from "./composer";
import { ChannelIcon, customerName, ownerWord } from "./list";
import { reloadConversation } from "./loading";
import type { Summary } from "./shapes";
import { Thread } from "./thread";
import * as desk from "./store";

function Countdowns({ summary }: { summary: Summary }) {
  const now = desk.now.value;
  if (summary.owner === "closed") return null;
  const window = summary.window_closes_at ? Date.parse(summary.window_closes_at) - now : null;
  const idle = summary.idle_due_at ? Date.parse(summary.idle_due_at) - now : null;
  return (
    <>
      {window !== null ? (
        <span class={`chip ${window <= 0 ? "bad" : window < 3_600_000 ? "warn" : ""}`} data-testid="window-countdown" title="Sisa waktu membalas bebas di WhatsApp">
          {window > 0 ? `Jendela WA ${span(window)}` : "Jendela WA tertutup"}
        </span>
      ) : null}
      {idle !== null ? (
        <span class={`chip ${idle < 120_000 ? "warn" : ""}`} data-testid="idle-countdown" title="Waktu sampai percakapan dianggap ditinggalkan">
          {idle > 0 ? `Diam ${countdown(idle)}` : "Waktu diam habis"}
        </span>
      ) : null}
    </>
  );
}

function Header({ summary }: { summary: Summary }) {
  const mine = desk.isMine(summary);
  return (
    <header class="conversation-head">
      <button type="button" class="icon-button only-narrow" aria-label="Kembali ke daftar" onClick={() => (desk.pane.value = "list")}>
        <BackIcon />
      </button>
      <div class="conversation-who">
        <h2>
          <ChannelIcon channel={summary.channel} />
          {customerName(summary)}
        </h2>
        <p>
          {summary.customer.name && summary.customer.handle ? <span>{summary.customer.handle}</span> : null}
          <span data-testid="owner">{summary.owner === "agent" ? `Ditangani: ${ownerWord(summary)}` : ownerWord(summary)}</span>
          <Countdowns summary={summary} />
        </p>
      </div>
      <button type="button" class="icon-button only-narrow" aria-label="Lihat kartu nasabah" onClick={() => (desk.pane.value = "card")}>
        <InfoIcon />
      </button>
      <div class="conversation-actions">
        {summary.owner === "queue" ? (
          <button type="button" class="button primary" onClick={() => void accept(summary)}>
            Terima
          </button>
        ) : null}
        {mine ? (
          <>
            <button type="button" class="button" onClick={() => (desk.dialog.value = "return")}>
              Kembalikan ke bot
            </button>
            <button type="button" class="button" onClick={() => (desk.dialog.value = "close")}>
              Tutup
            </button>
          </>
        ) : null}
      </div>
    </header>
  );
}

/** The middle pane: the open conversation. */
export function Conversation() {
  const summary = desk.opened.value;
  const state = desk.threadState.value;
  return (
    <main class="pane conversation" aria-label="Percakapan">
      {!summary ? <p class="empty large">Pilih percakapan dari daftar.</p> : null}
      {summary ? <Header summary={summary} /> : null}
      {summary && state === "loading" ? <p class="empty" role="status">Memuat percakapan…</p> : null}
      {summary && state === "failed" ? (
        <p class="empty" role="alert">
          Percakapan tidak dapat dimuat.{" "}
          <button type="button" class="button small" onClick={() => void reloadConversation()}>
            Coba lagi
          </button>
        </p>
      ) : null}
      {summary && state === "ready" ? (
        <>
          <Thread key={summary.id} summary={summary} />
          <Composer key={`composer-${summary.id}`} summary={summary} />
        </>
      ) : null}
    </main>
  );
}
