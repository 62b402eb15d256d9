import { Fragment } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { DownIcon } from "../shared/icons";
import { isReactionOnly, reactionsByMessage } from "../shared/message";
import { RichText } from "../shared/rich_text";
import { dayKey, dayLabel } from "../shared/time";
import { Bubble, OutgoingBubble } from "./bubble";
import { QuickReplies } from "./choices";
import { isOpen } from "./host";
import { armed, brand, link, outbox, readByUs, typing } from "./store";
import { currentPart, messages } from "./thread_state";

function Greeting() {
  if (!brand.value.greeting) return null;
  return (
    <div class="msg theirs" data-author="bot">
      <p class="who">
        <span>Asisten virtual</span>
      </p>
      <div class="bubble">
        <RichText text={brand.value.greeting} />
      </div>
      {brand.value.quick.length > 0 ? <QuickReplies choices={brand.value.quick} /> : null}
    </div>
  );
}

function Typing() {
  const who = typing.value;
  if (!who) return null;
  const name = who.name ?? (who.author === "bot" ? "Asisten virtual" : "Petugas");
  return (
    <div class="msg theirs" data-testid="typing">
      <p class="bubble dots">
        <span class="visually-hidden">{name} sedang mengetik</span>
        <i aria-hidden="true" />
        <i aria-hidden="true" />
        <i aria-hidden="true" />
      </p>
    </div>
  );
}

/** The log of messages: history first, announced only from then on. */
export function Thread() {
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [behind, setBehind] = useState(false);
  const shown = messages.value.filter((message) => !isReactionOnly(message) && !message.note);
  const going = outbox.items.value;
  const reactions = reactionsByMessage(messages.value);
  const lastId = going.at(-1)?.client_id ?? shown.at(-1)?.id ?? "";
  const isTyping = typing.value !== null;
  const open = isOpen.value;

  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (stuck.current) toEnd();
    else setBehind(true);
  }, [lastId, shown.length, isTyping, open, link.value]);
  useEffect(() => {
    if (going.length > 0) {
      stuck.current = true;
      toEnd();
    }
  }, [going.length]);
  useEffect(() => {
    // Pictures and the keyboard change heights after the fact.
    const inner = box.current?.firstElementChild;
    const observer = new ResizeObserver(() => stuck.current && toEnd());
    if (box.current) observer.observe(box.current);
    if (inner) observer.observe(inner);
    return () => observer.disconnect();
  }, []);

  let day = "";
  return (
    <div class="thread-frame">
      <div
        ref={box}
        class="thread"
        tabIndex={0}
        role="log"
        aria-label="Pesan"
        aria-live={armed.value ? "polite" : "off"}
        aria-relevant="additions"
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          stuck.current = scrollHeight - scrollTop - clientHeight < 60;
          if (stuck.current) setBehind(false);
        }}
      >
        <div class="thread-inner">
          {shown.length === 0 && going.length === 0 ? <Greeting /> : null}
          {shown.map((message) => {
            const key = dayKey(message.at);
            const divider = key !== day;
            day = key;
            const read = message.part < currentPart() || message.seq <= readByUs.value;
            return (
              <Fragment key={message.id}>
                {divider ? <p class="day">{dayLabel(message.at)}</p> : null}
                <Bubble message={message} read={read} reaction={reactions.get(message.id) ?? null} />
              </Fragment>
            );
          })}
          {going.map((item) => (
            <OutgoingBubble key={item.client_id} item={item} />
          ))}
          <Typing />
        </div>
      </div>
      {behind ? (
        <button
          type="button"
          class="to-end"
          onClick={() => {
            stuck.current = true;
            setBehind(false);
            toEnd();
          }}
        >
          <DownIcon /> Pesan terbaru
        </button>
      ) : null}
    </div>
  );
}
