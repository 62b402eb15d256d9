import { useEffect, useRef } from "preact/hooks";
import { ChatIcon, PhoneIcon } from "../shared/icons";
import { shortMoment, span } from "../shared/time";
import { openConversation } from "./loading";
import type { Box, Summary } from "./shapes";
import { moveBetweenTabs } from "./tab_keys";
import * as desk from "./store";

const TABS: { box: Box; label: string; empty: string }[] = [
  { box: "queue", label: "Antrean", empty: "Antrean kosong." },
  { box: "mine", label: "Saya", empty: "Anda belum menangani percakapan." },
  { box: "all", label: "Semua", empty: "Belum ada percakapan." },
];

const LAST_BY: Record<string, string> = { bot: "Bot: ", agent: "Petugas: ", system: "" };

/** The name to show for a customer who may have none. */
export function customerName(summary: Summary): string {
  return summary.customer.name || summary.customer.handle || "Nasabah";
}

export function ChannelIcon({ channel }: { channel: Summary["channel"] }) {
  const label = channel === "whatsapp" ? "WhatsApp" : "Obrolan web";
  return (
    <span class={`channel ${channel}`} title={label}>
      {channel === "whatsapp" ? <PhoneIcon /> : <ChatIcon />}
      <span class="visually-hidden">{label}</span>
    </span>
  );
}

function Waiting({ since }: { since: string }) {
  const waited = desk.now.value - Date.parse(since);
  return <span class={`waiting ${waited > 300_000 ? "long" : ""}`}>menunggu {span(waited)}</span>;
}

function Item({ summary }: { summary: Summary }) {
  const ref = useRef<HTMLButtonElement>(null);
  const current = desk.openId.value === summary.id;
  useEffect(() => {
    if (current) ref.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const since = summary.owner === "queue" ? summary.queued_at ?? summary.waiting_since : summary.waiting_since;
  return (
    <li>
      <button
        type="button"
        ref={ref}
        class={`item ${summary.urgent ? "urgent" : ""}`}
        aria-current={current ? "true" : undefined}
        data-testid="conversation-item"
        data-id={summary.id}
        onClick={() => void openConversation(summary.id)}
      >
        <span class="item-top">
          <ChannelIcon channel={summary.channel} />
          <span class="item-name">{customerName(summary)}</span>
          {summary.unread > 0 && !current ? (
            <span class="count">
              {summary.unread}
              <span class="visually-hidden"> pesan baru</span>
            </span>
          ) : null}
          <span class="item-time">{summary.last_at ? shortMoment(summary.last_at, desk.now.peek()) : ""}</span>
        </span>
        <span class="item-text">
          {LAST_BY[summary.last_author ?? ""] ?? ""}
          {summary.last_text ?? ""}
        </span>
        <span class="item-marks">
          {summary.urgent ? <span class="mark urgent">Mendesak</span> : null}
          {summary.late ? <span class="mark late">Terlambat</span> : null}
          {summary.topic || summary.reason ? <span class="mark">{(summary.topic ?? summary.reason)?.label}</span> : null}
          {desk.box.value === "all" ? <span class="mark quiet">{ownerWord(summary)}</span> : null}
          {since && summary.owner !== "closed" ? <Waiting since={since} /> : null}
        </span>
      </button>
    </li>
  );
}

/** Who has the conversation, in words. */
export function ownerWord(summary: Summary): string {
  switch (summary.owner) {
    case "queue":
      return "Antrean";
    case "agent":
      return desk.isMine(summary) ? "Anda" : summary.agent?.name ?? "Petugas";
    case "closed":
      return "Ditutup";
    default:
      return "Bot";
  }
}

/** The list of conversations: three tabs and a search. */
export function ListPane() {
  const shown = desk.listed.value;
  const tab = TABS.find((each) => each.box === desk.box.value)!;
  return (
    <nav class="pane list-pane" aria-label="Daftar percakapan">
      <div class="tabs" role="tablist" aria-label="Kelompok percakapan" onKeyDown={moveBetweenTabs}>
        {TABS.map(({ box, label }) => (
          <button
            type="button"
            key={box}
            role="tab"
            id={`tab-${box}`}
            aria-selected={desk.box.value === box}
            aria-controls="list-panel"
            tabIndex={desk.box.value === box ? 0 : -1}
            onClick={() => (desk.box.value = box)}
          >
            {label} <span class="tab-count">{desk.counts.value[box]}</span>
          </button>
        ))}
      </div>
      <input
        type="search"
        id="search"
        class="search"
        aria-label="Cari percakapan"
        placeholder="Cari nama, nomor, isi… ( / )"
        value={desk.query.value}
        onInput={(event) => (desk.query.value = event.currentTarget.value)}
      />
      <div id="list-panel" class="scroll" role="tabpanel" aria-labelledby={`tab-${desk.box.value}`}>
        {shown.length === 0 ? <p class="empty">{desk.query.value ? "Tidak ada yang cocok." : tab.empty}</p> : null}
        <ul class="items">
          {shown.map((summary) => (
            <Item key={summary.id} summary={summary} />
          ))}
        </ul>
      </div>
    </nav>
  );
}
