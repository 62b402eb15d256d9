import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { forget, load, save } from "../shared/storage";
import { reportTyping, typingOver } from "./actions";
import { send } from "./sends";
import type { Summary } from "./shapes";
import * as desk from "./store";

const LIMIT = 4096;
type Tab = "reply" | "note";

/** Bumped when a draft is changed from outside the text field. */
const draftVersion = signal(0);

const key = (id: string, tab: Tab) => `sapa:desk:draft:${id}:${tab}`;

function saveDraft(id: string, tab: Tab, text: string): void {
  if (text) save(key(id, tab), text);
  else forget(key(id, tab));
  draftVersion.value += 1;
}

/** Moves to the text field with the given tab chosen. */
export function writeOn(tab: Tab): void {
  desk.composerTab.value = tab;
  requestAnimationFrame(() => document.getElementById("composer-text")?.focus());
}

/** Puts the text of a failed message back into the field. */
export function editAgain(tab: Tab, text: string): void {
  const id = desk.openId.value;
  if (!id) return;
  const present = load<string>(key(id, tab));
  saveDraft(id, tab, present ? `${present}\n${text}` : text);
  writeOn(tab);
}

/** Why no reply can be written now, or null. */
function hindrance(summary: Summary): string | null {
  if (summary.owner === "queue") return "Terima percakapan ini untuk membalas.";
  if (summary.owner === "bot") return "Percakapan ini sedang dilayani bot.";
  if (summary.owner === "closed") return "Percakapan ini sudah ditutup.";
  if (!desk.isMine(summary)) return `Sedang ditangani oleh ${summary.agent?.name ?? "petugas lain"}.`;
  if (summary.window_closes_at && Date.parse(summary.window_closes_at) <= desk.now.value) {
    return "Jendela 24 jam WhatsApp sudah tertutup. Balasan dapat dikirim setelah nasabah menulis lagi.";
  }
  return null;
}

function Tabs() {
  return (
    <div class="composer-tabs" role="tablist" aria-label="Jenis tulisan">
      {(["reply", "note"] as const).map((tab) => (
        <button
          type="button"
          key={tab}
          role="tab"
          aria-selected={desk.composerTab.value === tab}
          aria-controls="composer-panel"
          onClick={() => writeOn(tab)}
        >
          {tab === "reply" ? "Balas" : "Catatan"}
        </button>
      ))}
    </div>
  );
}

/** Where the agent writes a reply or a note. */
export function Composer({ summary }: { summary: Summary }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const tab = desk.composerTab.value;
  const note = tab === "note";
  void draftVersion.value;
  const text = load<string>(key(summary.id, tab)) ?? "";
  const hindered = note ? null : hindrance(summary);
  const over = text.length > LIMIT;
  useEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight + 2, 200)}px`;
  }, [text, tab, hindered]);

  const submit = () => {
    const body = text.trim();
    if (!body || over || hindered) return;
    send(summary.id, tab, body);
    saveDraft(summary.id, tab, "");
    if (!note) typingOver();
    field.current?.focus();
  };

  return (
    <form
      class={`composer ${tab}`}
      aria-label={note ? "Tulis catatan" : "Tulis balasan"}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div class="composer-top">
        <Tabs />
        <span class={`counter ${over ? "bad" : ""}`}>
          {text.length}/{LIMIT}
        </span>
      </div>
      <div id="composer-panel" role="tabpanel" class="composer-row">
        {hindered ? (
          <p class="hindered" data-testid="reply-hindered">{hindered}</p>
        ) : (
          <>
            <textarea
              id="composer-text"
              ref={field}
              rows={2}
              value={text}
              aria-label={note ? "Catatan" : "Balasan"}
              aria-invalid={over}
              placeholder={note ? "Catatan hanya terlihat oleh petugas…" : "Tulis balasan… (Enter mengirim)"}
              onInput={(event) => {
                saveDraft(summary.id, tab, event.currentTarget.value);
                if (!note && event.currentTarget.value) reportTyping(summary.id);
              }}
              onKeyDown={(event) => {
                if (event.key === "Escape") event.currentTarget.blur();
                if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
                event.preventDefault();
                submit();
              }}
            />
            <button type="submit" class={`button ${note ? "note-button" : "primary"}`} disabled={!text.trim() || over}>
              {note ? "Simpan catatan" : "Kirim"}
            </button>
          </>
        )}
      </div>
      {over ? <p class="form-error" role="alert">Terlalu panjang {text.length - LIMIT} karakter.</p> : null}
    </form>
  );
}
