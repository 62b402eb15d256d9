import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Ask } from "../../shared/ask";
import { useKept } from "../../shared/kept";
import { change } from "../changing";
import type { Ticket } from "../shapes";
import * as store from "../store";

/** A dialog about the open ticket: it is changed as it was seen when the dialog came up, or after a refusal said what else had changed. */

export function closeDialog(): void {
  store.dialog.value = null;
}

interface AskTicketProps {
  action: string;
  title: string;
  submitLabel: string;
  /** What is said when it has worked. */
  done: string;
  children: ComponentChildren;
  body: (data: FormData) => Record<string, unknown>;
  wide?: boolean;
  /** With what came of it. */
  after?: (ticket: Ticket) => void;
}

export function AskTicket({ action, title, submitLabel, done, children, body, wide, after }: AskTicketProps) {
  const seen = useRef(store.ticket.value!);
  const kept = useKept(store.keptAt(`${seen.current.number}:${action}`));
  const over = !store.may(action);
  return (
    <Ask
      title={title}
      submitLabel={submitLabel}
      onClose={closeDialog}
      kept={kept}
      wide={wide}
      over={over}
      onSubmit={async (data) => {
        try {
          const ticket = await change(seen.current, `/${action}`, body(data));
          store.say(done);
          after?.(ticket);
        } catch (error) {
          seen.current = store.ticket.value ?? seen.current;
          throw error;
        }
      }}
    >
      {children}
      <div role="status">{over ? <p class="form-error">Tindakan ini tidak tersedia lagi. Isian Anda tetap tersimpan.</p> : null}</div>
    </Ask>
  );
}
