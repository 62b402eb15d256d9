import { AssistStrip } from "../assist/strip";
import { summaryOf } from "../assist/store";
import { Composer } from "../composer/composer";
import { reloadConversation } from "../loading";
import { ProcedureBar } from "../procedure/bar";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { Header } from "./header";
import { Thread } from "./thread";

/** The middle pane: the open conversation. */

/** From whom it came and with which words, until it is closed. */
function HandedOver({ summary }: { summary: Summary }) {
  if (!summary.from_agent && !summary.handoff_note) return null;
  if (summary.owner !== "queue" && summary.owner !== "agent") return null;
  const sentences = summaryOf(summary.id);
  return (
    <section class="handed-over" aria-label="Pengalihan" data-testid="handed-over">
      <p>
        <strong>Dialihkan dari {summary.from_agent?.name ?? "rekan"}:</strong> {summary.handoff_note || summary.reason?.label || "tanpa catatan"}
      </p>
      {sentences.length > 0 ? <p class="dim in-short" title={sentences.join("\n")}>Ringkasan: {sentences.join(" ")}</p> : null}
    </section>
  );
}

function Body({ summary }: { summary: Summary }) {
  const procedure = desk.procedure.value;
  const served = summary.owner === "agent" && desk.mayAct(summary);
  return (
    <>
      <HandedOver summary={summary} />
      <Thread key={summary.id} summary={summary} />
      {procedure && served ? <ProcedureBar summary={summary} procedure={procedure} key={`steps-${summary.id}`} /> : null}
      {procedure && served && desk.isMine(summary) ? <AssistStrip summary={summary} /> : null}
      <Composer key={`composer-${summary.id}`} summary={summary} />
    </>
  );
}

export function Conversation() {
  const summary = desk.opened.value;
  const state = desk.threadState.value;
  return (
    <section class="pane conversation" aria-label="Percakapan">
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
      {summary && state === "ready" ? <Body summary={summary} /> : null}
    </section>
  );
}
