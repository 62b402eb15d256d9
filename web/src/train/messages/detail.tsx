import { useEffect, useRef } from "preact/hooks";
import { BackIcon } from "../../shared/icons";
import { shortMoment } from "../../shared/time";
import { decide, makeTest, undo } from "./deciding";
import { Example } from "./example";
import type { Group, Said } from "./shapes";
import * as queue from "./store";

const WHO = { customer: "Nasabah", bot: "Sapa", agent: "Petugas", system: "Sistem" };

function Line({ said }: { said: Said }) {
  return (
    <li class={`said ${said.author} ${said.here ? "here" : ""}`}>
      <span class="said-who">
        {WHO[said.author]} · {shortMoment(said.at)}
        {said.tapped ? " · pilihan" : ""}
        {said.here ? " · pesan ini" : ""}
      </span>
      <p class="rich">{said.text}</p>
    </li>
  );
}

function Around() {
  const opened = queue.opened.value;
  if (!opened) return <p class="empty">Memuat percakapan…</p>;
  return (
    <section aria-labelledby="around-title">
      <h3 id="around-title" class="around-title">
        Percakapan di sekitarnya
        {opened.conversation.closed ? (
          <button type="button" class="button small" onClick={() => void makeTest(opened.conversation.id)}>
            Jadikan uji percakapan
          </button>
        ) : null}
      </h3>
      <ol class="around plain">
        {opened.around.map((said) => (
          <Line key={said.id} said={said} />
        ))}
      </ol>
    </section>
  );
}

function Guess({ group }: { group: Group }) {
  const { guess } = group;
  return (
    <dl class="guess">
      <div>
        <dt>{guess.fallback ? "Tebakan terdekat" : "Dibaca sebagai"}</dt>
        <dd>
          <strong>{guess.label}</strong> {guess.intent ? `${Math.round(guess.confidence * 100)}%` : ""}
        </dd>
      </div>
      {guess.second && guess.second.intent !== guess.intent ? (
        <div>
          <dt>Pendapat kedua</dt>
          <dd>{guess.second.label}</dd>
        </div>
      ) : null}
      {group.reasons.length > 0 ? (
        <div>
          <dt>Alasan</dt>
          <dd class="reasons">
            {group.reasons.map((each) => (
              <span key={each.id} class="chip warn">
                {each.label}
              </span>
            ))}
          </dd>
        </div>
      ) : null}
    </dl>
  );
}

function Others({ group }: { group: Group }) {
  if (group.also.length === 0) return null;
  const hidden = group.also.length - group.others.length;
  return (
    <details class="others">
      <summary>
        +{group.also.length} serupa <span class="dim">– keputusan berlaku untuk semuanya</span>
      </summary>
      <ul>
        {group.others.map((each) => (
          <li key={each.id}>{each.text}</li>
        ))}
        {hidden > 0 ? <li class="dim">dan {hidden} lagi</li> : null}
      </ul>
    </details>
  );
}

function Decisions({ group }: { group: Group }) {
  return (
    <div class="decisions" role="group" aria-label="Keputusan">
      <button type="button" class="button primary" disabled={!group.guess.intent} onClick={() => decide("right")}>
        <kbd>1</kbd> Benar
      </button>
      <button type="button" class="button" onClick={() => (queue.dialog.value = "intents")}>
        <kbd>2</kbd> Topik lain…
      </button>
      <button type="button" class="button" onClick={() => (queue.dialog.value = "new")}>
        <kbd>3</kbd> Intent baru…
      </button>
      <button type="button" class="button" onClick={() => decide("out_of_topic")}>
        <kbd>4</kbd> Di luar topik
      </button>
      <button type="button" class="button" onClick={() => decide("skip")}>
        <kbd>5</kbd> Lewati
      </button>
      <button type="button" class="button" disabled={queue.done.value.length === 0} onClick={undo}>
        <kbd>u</kbd> Batalkan
      </button>
    </div>
  );
}

/** The chosen message: what the model made of it, the example, the conversation, and the decision. */
export function Detail() {
  const group = queue.chosen.value;
  const inner = useRef<HTMLDivElement>(null);
  useEffect(() => inner.current?.scrollTo(0, 0), [group?.id]);
  return (
    <main class="pane review-detail">
      <button type="button" class="button small only-phone" onClick={() => (queue.pane.value = "list")}>
        <BackIcon /> Daftar
      </button>
      {group ? (
        <>
          <div class="scroll detail-inner" ref={inner} tabIndex={0} role="region" aria-label="Pesan">
            <h2 class="said-large" data-testid="message">
              {group.text}
            </h2>
            <Guess group={group} />
            <Others group={group} />
            <Example />
            <Around />
          </div>
          <Decisions group={group} />
        </>
      ) : (
        <p class="empty large">{queue.state.value === "loading" ? "Memuat…" : "Tidak ada pesan yang dipilih."}</p>
      )}
    </main>
  );
}
