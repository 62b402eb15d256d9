import { DownIcon } from "../../shared/icons";
import { shortDay } from "../../shared/time";
import { insert } from "../composer/text";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { assist, callWrong, fold, folded, suggestions, takeUp } from "./store";
import type { Assist, Flag, Suggestion } from "./shapes";

/** Above the composer: what could be answered, and what to watch for. Its height is always the same. */

const KIND: Record<Suggestion["kind"], string> = { knowledge: "Pengetahuan", canned: "Balasan", question: "Pertanyaan" };
const TONE: Record<Flag["id"], string> = { fraud: "bad", urgent: "bad", angry: "warn", vulnerable: "warn", leaving: "warn" };

/** Puts the suggestion's text into the composer. */
export function takeSuggestion(id: string, suggestion: Suggestion): void {
  takeUp(id, suggestion);
  insert(id, suggestion.text);
}

function Source({ suggestion }: { suggestion: Suggestion }) {
  const confirmed = suggestion.last_confirmed ? `Terakhir dikonfirmasi ${shortDay(suggestion.last_confirmed)}` : null;
  const unconfirmed = suggestion.kind === "knowledge" && !confirmed ? "Belum dikonfirmasi" : null;
  return <span class={`suggestion-source ${unconfirmed ? "warn" : ""}`}>{[KIND[suggestion.kind], confirmed ?? unconfirmed, suggestion.source].filter(Boolean).join(" · ")}</span>;
}

function Suggested({ id, suggestion, at }: { id: string; suggestion: Suggestion; at: number }) {
  return (
    <li class="suggestion">
      <button
        type="button"
        class="suggestion-take"
        title={[suggestion.text, suggestion.source].filter(Boolean).join("\n\n")}
        aria-keyshortcuts={`Alt+${at + 1}`}
        onClick={() => takeSuggestion(id, suggestion)}
      >
        <span class="suggestion-top">
          <span class="visually-hidden">Sisipkan saran </span>
          <kbd>{at + 1}</kbd>
          <strong>{suggestion.title}</strong>
        </span>
        <span class="suggestion-text">{suggestion.text}</span>
        <Source suggestion={suggestion} />
      </button>
      <button type="button" class="suggestion-wrong" aria-label={`Tandai saran ${at + 1} keliru`} onClick={() => callWrong(id, suggestion)}>
        Keliru
      </button>
    </li>
  );
}

function Chips({ present }: { present: Assist }) {
  const { topic, flags = [], duplicates = [], prefill } = present;
  return (
    <>
      {topic ? (
        <span class={`chip ${topic.confidence < 0.5 ? "warn" : ""}`}>
          {topic.label} {Math.round(topic.confidence * 100)}%
        </span>
      ) : null}
      {flags.map((flag) => (
        <span class={`chip ${TONE[flag.id] ?? "warn"}`} key={flag.id} title={`Karena: ${flag.words.join(", ")}`}>
          {flag.label}
          {flag.words.length > 0 ? <span class="flag-words"> “{flag.words.join("”, “")}”</span> : null}
        </span>
      ))}
      {duplicates.map((each) => (
        <button type="button" class="chip as-link" key={each.number} title={each.summary} onClick={() => desk.lookAt("tickets")}>
          Serupa: {each.number}
        </button>
      ))}
      {prefill?.ticket ? (
        <button type="button" class="chip as-link" onClick={() => (desk.dialog.value = "ticket")}>
          Isi formulir
        </button>
      ) : null}
    </>
  );
}

export function AssistStrip({ summary }: { summary: Summary }) {
  const present = assist.value;
  const shown = suggestions.value;
  return (
    <section class={`assist ${folded.value ? "folded" : ""}`} aria-label="Saran" data-testid="assist">
      <div class="assist-top">
        <span class="assist-name">Saran</span>
        <div class="assist-chips">{present ? <Chips present={present} /> : null}</div>
        <button
          type="button"
          class="icon-button tiny fold"
          aria-expanded={!folded.value}
          aria-label={folded.value ? "Tampilkan saran" : "Sembunyikan saran"}
          onClick={() => fold(!folded.value)}
        >
          <DownIcon />
        </button>
      </div>
      {folded.value ? null : (
        <ol class="suggestions">
          {shown.map((each, at) => (
            <Suggested key={each.id} id={summary.id} suggestion={each} at={at} />
          ))}
          {shown.length === 0 ? <li class="suggestion-none dim">Belum ada saran untuk pesan terakhir.</li> : null}
        </ol>
      )}
    </section>
  );
}
