import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { marked, markOf, textOf, without, wordsOf } from "./words";
import * as queue from "./store";

/** The example as it will be written: its words can be marked and changed. */

function Words() {
  const words = wordsOf(queue.example.value);
  const range = useSignal<[number, number] | null>(null);
  const text = queue.example.value;
  useEffect(() => {
    range.value = null;
  }, [text]);
  const kinds = queue.options.value?.entities ?? [];
  const chosen = range.value;
  const inside = (index: number) => chosen !== null && index >= Math.min(...chosen) && index <= Math.max(...chosen);
  const put = (entity: string) => {
    if (!chosen) return;
    queue.marks.value = marked(queue.marks.value, words, chosen[0], chosen[1], entity);
    range.value = null;
    document.getElementById("words")?.focus();
  };
  const down = (event: PointerEvent, index: number) => {
    event.preventDefault();
    document.getElementById("words")?.focus();
    range.value = chosen && (event.shiftKey || event.pointerType === "touch") && !inside(index) ? [chosen[0], index] : [index, index];
  };
  const over = (event: PointerEvent, index: number) => {
    if (event.buttons === 1 && event.pointerType === "mouse" && range.value) range.value = [range.value[0], index];
  };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = chosen?.[1];
    if (step) {
      const target = Math.min(words.length - 1, Math.max(0, at === undefined ? 0 : at + step));
      range.value = event.shiftKey && chosen ? [chosen[0], target] : [target, target];
    } else if (chosen && /^[1-9]$/.test(event.key) && kinds[Number(event.key) - 1]) {
      put(kinds[Number(event.key) - 1]!.id);
    } else if (chosen && (event.key === "Delete" || event.key === "Backspace")) {
      queue.marks.value = without(queue.marks.value, words[Math.min(...chosen)]!.from, words[Math.max(...chosen)]!.to);
    } else if (chosen && event.key === "Escape") {
      range.value = null;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const label = (entity: string) => kinds.find((each) => each.id === entity)?.label ?? entity;
  return (
    <>
      <div
        id="words"
        class="words"
        tabIndex={0}
        role="group"
        aria-label="Kata-kata contoh. Panah memilih kata, Shift memperpanjang, angka memberi tanda."
        onKeyDown={key}
      >
        {words.map((word, index) => {
          const mark = markOf(word, queue.marks.value);
          return (
            <span
              key={`${word.start}`}
              class={`word ${inside(index) ? "selected" : ""} ${mark ? "marked" : ""}`}
              title={mark ? label(mark.entity) : undefined}
              onPointerDown={(event) => down(event, index)}
              onPointerEnter={(event) => over(event, index)}
            >
              {word.text}
            </span>
          );
        })}
      </div>
      <p class="visually-hidden" role="status">
        {chosen ? `Terpilih: ${words.slice(Math.min(...chosen), Math.max(...chosen) + 1).map((word) => word.text).join(" ")}` : ""}
      </p>
      {chosen ? (
        <div class="kinds" role="group" aria-label="Jenis tanda">
          {kinds.map((kind, index) => (
            <button type="button" key={kind.id} class="button small" onClick={() => put(kind.id)}>
              {index < 9 ? <kbd>{index + 1}</kbd> : null} {kind.label}
            </button>
          ))}
        </div>
      ) : null}
      {queue.marks.value.length > 0 ? (
        <ul class="marks" aria-label="Tanda">
          {queue.marks.value.map((mark) => (
            <li key={mark.start}>
              <span class="mark">
                {textOf(text, mark)} = {label(mark.entity)}
              </span>
              <button
                type="button"
                class="link"
                aria-label={`Hapus tanda ${textOf(text, mark)}`}
                onClick={() => (queue.marks.value = queue.marks.value.filter((each) => each !== mark))}
              >
                hapus
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

function Editor() {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const keep = () => {
    const text = field.current?.value.trim() ?? "";
    if (text && text !== queue.example.value) {
      queue.edited.value = text === queue.chosen.value?.text ? null : text;
      queue.marks.value = [];
    }
    queue.editing.value = false;
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey) keep();
    else if (event.key === "Escape") queue.editing.value = false;
    else return;
    event.preventDefault();
  };
  return (
    <>
      <textarea ref={field} class="field" rows={3} maxLength={1000} aria-label="Kalimat contoh" defaultValue={queue.example.value} onKeyDown={key} />
      <div class="example-buttons">
        <button type="button" class="button small primary" onClick={keep}>
          Pakai kalimat ini
        </button>
        <button type="button" class="button small" onClick={() => (queue.editing.value = false)}>
          Batal
        </button>
      </div>
    </>
  );
}

export function Example() {
  return (
    <section class="example" aria-label="Contoh yang akan ditulis">
      <h3>
        Contoh yang akan ditulis
        {queue.editing.value ? null : (
          <button type="button" class="link" onClick={() => (queue.editing.value = true)}>
            ubah <kbd>e</kbd>
          </button>
        )}
        {queue.edited.value !== null ? (
          <button
            type="button"
            class="link"
            onClick={() => {
              queue.edited.value = null;
              queue.marks.value = [];
            }}
          >
            kembalikan
          </button>
        ) : null}
      </h3>
      {queue.editing.value ? <Editor /> : <Words />}
    </section>
  );
}
