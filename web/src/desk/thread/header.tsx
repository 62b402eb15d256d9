import { BackIcon, InfoIcon } from "../../shared/icons";
import { countdown, span } from "../../shared/time";
import { accept } from "../actions";
import { ChannelIcon, customerName, ownerWord, wayWord } from "../list/words";
import { PanelIcon } from "../icons";
import type { Summary, Viewer } from "../shapes";
import * as desk from "../store";

/** Above the messages: who it is, what time is left, who else looks, what can be done. */

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

function initials(name: string): string {
  return name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() ?? "")
    .join("");
}

function Viewers({ viewers }: { viewers: Viewer[] }) {
  return (
    <span class="viewers" data-testid="viewers">
      {viewers.slice(0, 4).map((each) => (
        <span class={`initials ${each.writing ? "busy" : ""}`} key={each.id} title={`${each.name} juga melihat percakapan ini`}>
          <span aria-hidden="true">{initials(each.name)}</span>
          <span class="visually-hidden">{each.name} juga melihat percakapan ini</span>
        </span>
      ))}
      {viewers.length > 4 ? <span class="initials">+{viewers.length - 4}</span> : null}
    </span>
  );
}

function Actions({ summary }: { summary: Summary }) {
  const acts = desk.mayAct(summary);
  const served = summary.owner === "agent";
  const opens = (dialog: desk.DialogName) => () => (desk.dialog.value = dialog);
  return (
    <div class="conversation-actions">
      {summary.owner === "queue" ? (
        <button type="button" class="button small primary" onClick={() => void accept(summary)}>
          Terima
        </button>
      ) : null}
      {acts && desk.options.value?.teams ? (
        <button type="button" class="button small" aria-haspopup="dialog" onClick={opens("transfer")}>
          Alihkan
        </button>
      ) : null}
      {acts && !summary.manual ? (
        <button type="button" class="button small" aria-haspopup="dialog" onClick={opens("return")}>
          Kembalikan ke bot
        </button>
      ) : null}
      {acts && served ? (
        <button type="button" class="button small" aria-haspopup="dialog" onClick={opens("close")}>
          Tutup
        </button>
      ) : null}
    </div>
  );
}

export function Header({ summary }: { summary: Summary }) {
  const shown = desk.contextShown.value;
  return (
    <header class="conversation-head">
      <button type="button" class="icon-button only-narrow" aria-label="Kembali ke daftar" onClick={() => (desk.pane.value = "list")}>
        <BackIcon />
      </button>
      <div class="conversation-who">
        <h2>
          <ChannelIcon channel={summary.channel} />
          <span class="conversation-name">{customerName(summary)}</span>
          {summary.customer.name && summary.customer.handle ? <span class="handle">{summary.customer.handle}</span> : null}
        </h2>
        <p>
          {summary.manual ? <span class="chip">{wayWord(summary.channel)} · manual</span> : null}
          <span data-testid="owner">{summary.owner === "agent" ? `Ditangani: ${ownerWord(summary)}` : ownerWord(summary)}</span>
          <Countdowns summary={summary} />
        </p>
      </div>
      <button type="button" class="icon-button only-narrow" aria-label="Lihat kartu nasabah" onClick={() => (desk.pane.value = "card")}>
        <InfoIcon />
      </button>
      <Viewers viewers={desk.viewers.value} />
      <Actions summary={summary} />
      <button
        type="button"
        class="icon-button only-wide"
        aria-pressed={shown}
        aria-label="Panel rincian"
        title={shown ? "Sembunyikan panel rincian" : "Tampilkan panel rincian"}
        onClick={() => desk.showContext(!shown)}
      >
        <PanelIcon />
      </button>
    </header>
  );
}
