import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { SmileIcon } from "../icons";
import { EMOJI } from "./emoji_list";

/** A small grid of emoji; the arrow keys walk through it. */

const WIDE = 10;
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: WIDE, ArrowUp: -WIDE };

export function EmojiButton({ onPick }: { onPick: (emoji: string) => void }) {
  const open = useSignal(false);
  const at = useSignal(0);
  const grid = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open.value) grid.current?.querySelectorAll("button")[at.value]?.focus();
  }, [open.value, at.value]);
  const close = () => {
    open.value = false;
    opener.current?.focus();
  };
  const walk = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      return close();
    }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const next = at.value + step;
    if (next >= 0 && next < EMOJI.length) at.value = next;
  };
  return (
    <span class="emoji">
      <button type="button" ref={opener} class="icon-button" aria-label="Emoji" title="Emoji" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        <SmileIcon />
      </button>
      {open.value ? (
        <div
          class="emoji-grid"
          role="group"
          aria-label="Pilih emoji"
          ref={grid}
          onKeyDown={walk}
          onFocusOut={(event) => {
            const to = event.relatedTarget as Node | null;
            if (!grid.current?.contains(to) && to !== opener.current) open.value = false;
          }}
        >
          {EMOJI.map(([emoji, name], index) => (
            <button
              type="button"
              key={emoji}
              aria-label={name}
              title={name}
              tabIndex={index === at.value ? 0 : -1}
              onClick={() => {
                open.value = false;
                onPick(emoji);
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      ) : null}
    </span>
  );
}
