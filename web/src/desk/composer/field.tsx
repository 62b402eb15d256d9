import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Summary } from "../shapes";
import type * as desk from "../store";
import { type Calling, callingAt, type Offer, offersFor } from "./canned";
import { attach } from "./files";
import { OfferList } from "./offer_list";
import { dropObjection } from "./sends";
import { replace, setText } from "./text";

/** The text field: Enter sends, "/" and "@" offer, files may be pasted. */

interface Props {
  summary: Summary;
  tab: desk.ComposerTab;
  label: string;
  placeholder: string;
  text: string;
  over: boolean;
  onTyped: () => void;
  onSubmit: () => void;
}

export function Field({ summary, tab, label, placeholder, text, over, onTyped, onSubmit }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const calling = useSignal<Calling | null>(null);
  const at = useSignal(0);
  const offers = calling.value ? offersFor(summary.id, calling.value) : [];
  const open = calling.value !== null && offers.length > 0;
  useEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight + 2, 180)}px`;
  }, [text, tab]);

  const look = (element: HTMLTextAreaElement) => {
    const found = callingAt(element.value, element.selectionStart, tab);
    if (found?.word !== calling.value?.word) at.value = 0;
    calling.value = found;
  };
  const take = (offer: Offer) => {
    const present = calling.value;
    if (!present) return;
    calling.value = null;
    replace(summary.id, tab, present.from, field.current?.selectionStart ?? present.from + present.word.length + 1, offer.becomes);
  };
  const offered = (event: KeyboardEvent): boolean => {
    if (!open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at.value = (at.value + step + offers.length) % offers.length;
    else if (event.key === "Enter" || event.key === "Tab") take(offers[Math.min(at.value, offers.length - 1)]!);
    else if (event.key === "Escape") calling.value = null;
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  return (
    <div class="field-box">
      {open ? <OfferList offers={offers} at={at.value} kind={calling.value!.kind} onTake={take} /> : null}
      <p class="visually-hidden" role="status">
        {open ? `${offers.length} pilihan. Panah untuk memilih, Enter untuk menyisipkan.` : ""}
      </p>
      <textarea
        id="composer-text"
        ref={field}
        rows={2}
        value={text}
        aria-label={label}
        aria-invalid={over}
        aria-autocomplete="list"
        aria-controls={open ? "offer-list" : undefined}
        aria-activedescendant={open ? `offer-${Math.min(at.value, offers.length - 1)}` : undefined}
        placeholder={placeholder}
        onInput={(event) => {
          setText(summary.id, tab, event.currentTarget.value);
          dropObjection(summary.id);
          look(event.currentTarget);
          if (event.currentTarget.value) onTyped();
        }}
        onClick={(event) => look(event.currentTarget)}
        onBlur={() => (calling.value = null)}
        onPaste={(event) => {
          const files = event.clipboardData?.files;
          if (tab !== "reply" || !files || files.length === 0) return;
          event.preventDefault();
          attach(summary.id, files);
        }}
        onKeyDown={(event) => {
          if (event.isComposing || event.keyCode === 229 || offered(event)) return;
          if (event.key === "Escape") event.currentTarget.blur();
          if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
          event.preventDefault();
          onSubmit();
        }}
      />
    </div>
  );
}
