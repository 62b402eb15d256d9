import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { reactionsByMessage } from "../../shared/message";
import { dayKey, dayLabel } from "../../shared/time";
import { pending } from "../composer/sends";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { Entry } from "./entry";
import { PendingEntry } from "./pending_entry";

/** The messages of the open conversation, and those on their way. */
export function Thread({ summary }: { summary: Summary }) {
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const messages = desk.thread.value;
  const reactions = reactionsByMessage(messages);
  const going = pending.value.filter((item) => item.conversation === summary.id && !messages.some((each) => each.client_id === item.client_id));
  const typing = desk.customerTyping.value === summary.id;
  const toEnd = () => {
    if (box.current && stuck.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(toEnd, [messages.length, going.length, typing]);
  useEffect(() => {
    const inner = box.current?.firstElementChild;
    const observer = new ResizeObserver(toEnd);
    if (box.current) observer.observe(box.current);
    if (inner) observer.observe(inner);
    return () => observer.disconnect();
  }, []);
  let day = "";
  return (
    <div
      class="scroll thread"
      ref={box}
      role="log"
      aria-label="Pesan"
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        stuck.current = scrollHeight - scrollTop - clientHeight < 80;
      }}
    >
      <div class="thread-inner">
        {messages.map((message) => {
          const key = dayKey(message.at);
          const divider = key !== day;
          day = key;
          return (
            <Fragment key={message.id}>
              {divider ? <p class="day">{dayLabel(message.at)}</p> : null}
              <Entry message={message} summary={summary} reaction={reactions.get(message.id) ?? null} />
            </Fragment>
          );
        })}
        {going.map((item) => (
          <PendingEntry key={item.client_id} item={item} />
        ))}
        {typing ? <p class="system-line" data-testid="typing">Nasabah sedang mengetik…</p> : null}
      </div>
    </div>
  );
}
