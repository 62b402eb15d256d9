import { useEffect, useRef } from "preact/hooks";
import { shortMoment, span } from "../../shared/time";
import { openConversation } from "../loading";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { ChannelIcon, customerName, ownerWord } from "./words";

/** One row of the list. Every row has the same height, whatever it has to tell. */

const LAST_BY: Record<string, string> = { bot: "Bot: ", agent: "Petugas: ", system: "" };

function Waiting({ since }: { since: string }) {
  const waited = desk.now.value - Date.parse(since);
  return (
    <span class={`waiting ${waited > 300_000 ? "long" : ""}`} title="Menunggu jawaban">
      <span class="visually-hidden">menunggu </span>
      {span(waited)}
    </span>
  );
}

function Clocked({ summary }: { summary: Summary }) {
  const since = summary.owner === "queue" ? summary.queued_at ?? summary.waiting_since : summary.waiting_since;
  if (summary.owner === "closed") return desk.isWritingUp(summary) ? <span class="waiting">catatan akhir</span> : null;
  return since ? <Waiting since={since} /> : null;
}

function Offered({ summary }: { summary: Summary }) {
  if (summary.owner !== "queue" || !summary.offer) return null;
  if (desk.isOfferedToMe(summary, desk.now.value)) return <span class="mark offered-mark">untuk Anda</span>;
  return (
    <span class="mark quiet offered-mark-other" title={`Ditawarkan ke ${summary.offer.agent.name}`}>
      <span class="visually-hidden">ditawarkan ke</span>
      <span aria-hidden="true">→</span> {summary.offer.agent.name}
    </span>
  );
}

function Marks({ summary }: { summary: Summary }) {
  const about = (summary.topic ?? summary.reason)?.label;
  return (
    <span class="item-marks">
      {summary.urgent ? <span class="mark urgent">Mendesak</span> : null}
      {summary.late ? <span class="mark late">Terlambat</span> : null}
      <Offered summary={summary} />
      {summary.language && summary.language !== "id" ? <span class="mark quiet">{summary.language.toUpperCase()}</span> : null}
      {about ? <span class="mark">{about}</span> : null}
      {desk.box.value === "all" && !summary.offer ? <span class="mark quiet">{ownerWord(summary)}</span> : null}
      <Clocked summary={summary} />
    </span>
  );
}

/** A row of the list; the signals in it redraw it by themselves. */
export function Item({ summary }: { summary: Summary }) {
  const ref = useRef<HTMLButtonElement>(null);
  const current = desk.openId.value === summary.id;
  useEffect(() => {
    if (current) ref.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <li class="item-row">
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
              {summary.unread > 99 ? "99+" : summary.unread}
              <span class="visually-hidden"> pesan baru</span>
            </span>
          ) : null}
          <span class="item-time">{summary.last_at ? shortMoment(summary.last_at, desk.now.peek()) : ""}</span>
        </span>
        <span class="item-text">
          {LAST_BY[summary.last_author ?? ""] ?? ""}
          {summary.last_text ?? ""}
        </span>
        <Marks summary={summary} />
      </button>
    </li>
  );
}
