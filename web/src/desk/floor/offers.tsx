import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { accept } from "../actions";
import { summaryOf, wantSummary } from "../assist/store";
import { ChannelIcon, customerName } from "../list/words";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { decline, offers } from "./store";

/** What is put before this agent now. It takes no focus, so that nobody loses a half-written sentence. */

const ROUND = 2 * Math.PI * 15;

function Ring({ until }: { until: string }) {
  const whole = useRef(Math.max(1000, Date.parse(until) - desk.now.peek()));
  const left = Math.max(0, Date.parse(until) - desk.now.value);
  return (
    <span class="ring" title="Sisa waktu menjawab">
      <svg viewBox="0 0 36 36" width="36" height="36" aria-hidden="true">
        <circle class="ring-ground" cx="18" cy="18" r="15" />
        <circle class="ring-left" cx="18" cy="18" r="15" stroke-dasharray={ROUND} stroke-dashoffset={ROUND * (1 - Math.min(1, left / whole.current))} />
      </svg>
      <span>
        {Math.ceil(left / 1000)}
        <span class="visually-hidden"> detik lagi</span>
      </span>
    </span>
  );
}

function Refuse({ summary, onBack }: { summary: Summary; onBack: () => void }) {
  const reasons = desk.options.value?.decline_reasons ?? [];
  return (
    <div class="offer-reasons" role="group" aria-label="Alasan menolak">
      {reasons.map((each) => (
        <button type="button" class="button small" key={each.id} onClick={() => void decline(summary, each.id)}>
          {each.label}
        </button>
      ))}
      <button type="button" class="button small quiet" onClick={onBack}>
        Batal
      </button>
    </div>
  );
}

/** What it is about, and why it comes; of a transfer the note says that. */
function about(summary: Summary): string {
  const why = summary.reason?.id === "transfer" ? null : summary.reason?.label;
  return [summary.topic?.label, why, summary.from_agent && `dari ${summary.from_agent.name}`].filter(Boolean).join(" · ");
}

function Offer({ summary, first }: { summary: Summary; first: boolean }) {
  const refusing = useSignal(false);
  useEffect(() => wantSummary(summary.id), [summary.id]);
  const line = summary.handoff_note ?? summaryOf(summary.id)[0] ?? summary.last_text;
  return (
    <article class={`offer ${summary.urgent ? "urgent" : ""}`} data-testid="offer">
      <div class="offer-top">
        <Ring until={summary.offer!.expires_at} key={summary.offer!.expires_at} />
        <div class="offer-who">
          <p class="offer-name">
            <ChannelIcon channel={summary.channel} /> {customerName(summary)}
          </p>
          {summary.urgent ? <span class="mark urgent">Mendesak</span> : null}
          <p class="dim">{about(summary)}</p>
        </div>
      </div>
      {line ? <p class="offer-line">{line}</p> : null}
      {refusing.value ? (
        <Refuse summary={summary} onBack={() => (refusing.value = false)} />
      ) : (
        <div class="offer-buttons">
          <button type="button" class="button primary" onClick={() => void accept(summary)}>
            Terima {first ? <kbd>Alt+A</kbd> : null}
          </button>
          <button type="button" class="button" onClick={() => (refusing.value = true)}>
            Tolak
          </button>
        </div>
      )}
    </article>
  );
}

export function Offers() {
  const shown = offers.value;
  const first = shown[0];
  return (
    <section class="offers" aria-label="Tawaran percakapan">
      <p class="visually-hidden" role="alert">
        {first ? `Tawaran percakapan dari ${customerName(first)}. Alt+A untuk menerima.` : ""}
      </p>
      {shown.slice(0, 3).map((each, at) => (
        <Offer key={each.id} summary={each} first={at === 0} />
      ))}
    </section>
  );
}
