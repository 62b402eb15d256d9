import type { Choice, Message } from "../shared/message";
import { listRows } from "../shared/message";
import { messages } from "./thread_state";
import { outbox } from "./store";

/** The answers a message offers: reply buttons and list rows. Tapping one sends its title with its id. */

function pick(message: Message | null, choice: Choice): void {
  outbox.add({ text: choice.title, payload: choice.id, reply_to: message?.id ?? null });
}

/** The title chosen for this message, if one was. */
function chosen(message: Message): string | null {
  const waiting = outbox.items.value.find((item) => item.reply_to === message.id && item.state !== "failed");
  if (waiting) return waiting.text;
  const after = messages.value.findIndex((each) => each.id === message.id) + 1;
  const answers = messages.value.slice(after).filter((each) => each.author === "customer");
  // A typed answer names no message: what the customer said next counts as well.
  return (answers.find((each) => each.reply_to === message.id) ?? answers[0])?.text ?? null;
}

/** Quick replies under the greeting. */
export function QuickReplies({ choices }: { choices: Choice[] }) {
  return (
    <div class="choices" role="group" aria-label="Pilihan cepat">
      {choices.map((choice) => (
        <button type="button" key={choice.id} class="choice" onClick={() => pick(null, choice)}>
          {choice.title}
        </button>
      ))}
    </div>
  );
}

/** Buttons and list of one message; they rest once one of them is chosen. */
export function Choices({ message }: { message: Message }) {
  const buttons = message.buttons ?? [];
  const rows = message.list ? listRows(message.list) : [];
  if (buttons.length === 0 && rows.length === 0) return null;
  const answer = chosen(message);
  const done = answer !== null && [...buttons, ...rows].some((choice) => choice.title === answer);
  return (
    <>
      {buttons.length > 0 ? (
        <div class="choices" role="group" aria-label="Pilihan jawaban">
          {buttons.map((choice) => (
            <button
              type="button"
              key={choice.id}
              class="choice"
              disabled={done}
              aria-pressed={done ? choice.title === answer : undefined}
              onClick={() => pick(message, choice)}
            >
              {choice.title}
            </button>
          ))}
        </div>
      ) : null}
      {message.list && rows.length > 0 ? (
        <div class="rows" role="group" aria-label={message.list.label}>
          {message.list.sections.map((section, at) => (
            <section key={at}>
              {section.title ? <h3>{section.title}</h3> : null}
              <ul>
                {section.rows.map((row) => (
                  <li key={row.id}>
                    <button
                      type="button"
                      class="row"
                      disabled={done}
                      aria-pressed={done ? row.title === answer : undefined}
                      onClick={() => pick(message, row)}
                    >
                      <span class="row-title">{row.title}</span>
                      {row.description ? <span class="row-description">{row.description}</span> : null}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      ) : null}
    </>
  );
}
