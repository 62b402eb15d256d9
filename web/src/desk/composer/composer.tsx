import { countdown } from "../../shared/time";
import { reportTyping, typingOver } from "../actions";
import { takeSource } from "../assist/store";
import { endWrapup } from "../floor/store";
import type { Summary } from "../shapes";
import { moveBetweenTabs } from "../tab_keys";
import * as desk from "../store";
import { named } from "./canned";
import { EmojiButton } from "./emoji";
import { Field } from "./field";
import { attach, FileButton, Files } from "./files";
import { ObjectionBox } from "./objection";
import { dropObjection, type Pending, send, whenRefused } from "./sends";
import { TemplatePicker } from "./templates";
import { field, replace, setText, textOf, writeOn } from "./text";
import { takeDone, uploads, uploadsOf } from "./uploads";

/** Where the agent writes: a reply, a note, or what was said in a contact by hand. */

const LIMIT = 4096;
const WORDS: Record<desk.ComposerTab, { tab: string; label: string; placeholder: string; button: string }> = {
  reply: { tab: "Balas", label: "Balasan", placeholder: "Tulis balasan… ( / untuk balasan siap pakai )", button: "Kirim" },
  note: { tab: "Catatan", label: "Catatan", placeholder: "Catatan hanya terlihat oleh petugas… ( @ menyebut rekan )", button: "Simpan catatan" },
  customer: { tab: "Nasabah berkata", label: "Nasabah berkata", placeholder: "Tulis apa yang dikatakan nasabah…", button: "Catat" },
  agent: { tab: "Petugas berkata", label: "Petugas berkata", placeholder: "Tulis apa yang Anda sampaikan…", button: "Catat" },
};

whenRefused((item: Pending) => {
  const present = textOf(item.conversation, "reply");
  if (present && present !== item.text) return false;
  setText(item.conversation, "reply", item.text);
  return true;
});

function tabsOf(summary: Summary): desk.ComposerTab[] {
  return summary.manual ? ["customer", "agent", "note"] : ["reply", "note"];
}

/** The tab to write on: the chosen one, where the conversation has it. */
export function tabOf(summary: Summary): desk.ComposerTab {
  const tabs = tabsOf(summary);
  return tabs.includes(desk.composerTab.value) ? desk.composerTab.value : tabs[0]!;
}

/** Why no reply can be written now, or null. */
function hindrance(summary: Summary): string | null {
  if (summary.owner === "queue") return "Terima percakapan ini untuk membalas.";
  if (summary.owner === "bot") return "Percakapan ini sedang dilayani bot.";
  if (summary.owner === "closed") return "Percakapan ini sudah ditutup.";
  if (!desk.isMine(summary)) return `Sedang ditangani oleh ${summary.agent?.name ?? "petugas lain"}.`;
  return null;
}

function windowClosed(summary: Summary): boolean {
  return Boolean(summary.window_closes_at) && Date.parse(summary.window_closes_at!) <= desk.now.value;
}

function Tabs({ summary, chosen }: { summary: Summary; chosen: desk.ComposerTab }) {
  return (
    <div class="composer-tabs" role="tablist" aria-label="Jenis tulisan" onKeyDown={moveBetweenTabs}>
      {tabsOf(summary).map((tab) => (
        <button
          type="button"
          key={tab}
          role="tab"
          aria-selected={chosen === tab}
          aria-controls="composer-panel"
          tabIndex={chosen === tab ? 0 : -1}
          onClick={() => writeOn(tab)}
        >
          {WORDS[tab].tab}
        </button>
      ))}
    </div>
  );
}

function WritingUp({ summary }: { summary: Summary }) {
  const left = Date.parse(summary.wrapup_until ?? "") - desk.now.value;
  return (
    <div class="hindered writing-up" data-testid="writing-up">
      <span>
        Percakapan ditutup. Lengkapi catatan bila perlu{left > 0 ? ` (${countdown(left)})` : ""}.
      </span>
      <span class="row-buttons">
        <button type="button" class="button small" onClick={() => void endWrapup(summary.id, false)}>
          Selesai menulis
        </button>
        <button type="button" class="button small primary" onClick={() => void endWrapup(summary.id, true)}>
          Percakapan berikutnya
        </button>
      </span>
    </div>
  );
}

/** A colleague who writes here at this moment. */
function Writing() {
  const writing = desk.viewers.value.find((each) => each.writing);
  return <span class="writing">{writing ? `${writing.name} sedang menulis…` : ""}</span>;
}

function submit(summary: Summary, tab: desk.ComposerTab): void {
  const { id } = summary;
  const text = textOf(id, tab).trim();
  if (text.length > LIMIT) return;
  const files = tab === "reply" ? uploadsOf(id) : [];
  if (files.some((each) => each.state === "uploading")) return desk.say("Berkas masih diunggah.", "error");
  const media = tab === "reply" ? takeDone(id) : [];
  if (!text && media.length === 0) return;
  if (tab === "note") send(id, { kind: "note", text, to: named(text) });
  else if (tab !== "reply") send(id, { kind: "said", text, author: tab });
  else {
    const seen = desk.thread.value.at(-1)?.seq;
    send(id, { kind: "reply", text, media: media.slice(0, 1), suggestion: takeSource(id), seen });
    // A message carries one file; the others follow.
    for (const file of media.slice(1)) send(id, { kind: "reply", text: "", media: [file], seen });
    dropObjection(id);
    typingOver();
  }
  setText(id, tab, "");
  field()?.focus();
}

export function Composer({ summary }: { summary: Summary }) {
  const tab = tabOf(summary);
  const words = WORDS[tab];
  const note = tab === "note";
  const text = textOf(summary.id, tab);
  const over = text.length > LIMIT;
  const hindered = note ? null : hindrance(summary);
  const closed = tab === "reply" && !hindered && windowClosed(summary);
  const files = tab === "reply" && uploads.value.some((each) => each.conversation === summary.id && each.state === "done");
  const drop = (event: DragEvent) => {
    const dropped = event.dataTransfer?.files;
    if (tab !== "reply" || hindered || !dropped || dropped.length === 0) return;
    event.preventDefault();
    attach(summary.id, dropped);
  };
  const body = () => {
    if (hindered && desk.isWritingUp(summary)) return <WritingUp summary={summary} />;
    if (hindered) return <p class="hindered" data-testid="reply-hindered">{hindered}</p>;
    if (closed) return <TemplatePicker summary={summary} />;
    return (
      <form
        class="composer-form"
        aria-label={words.label}
        onSubmit={(event) => {
          event.preventDefault();
          submit(summary, tab);
        }}
      >
        {tab === "reply" ? <ObjectionBox summary={summary} /> : null}
        {tab === "reply" ? <Files conversation={summary.id} /> : null}
        <div class="composer-row">
          <Field
            summary={summary}
            tab={tab}
            label={words.label}
            placeholder={words.placeholder}
            text={text}
            over={over}
            onTyped={() => reportTyping(summary, tab)}
            onSubmit={() => submit(summary, tab)}
          />
          <span class="composer-tools">
            {tab === "reply" ? <FileButton conversation={summary.id} /> : null}
            <EmojiButton
              onPick={(emoji) => {
                const at = field()?.selectionEnd ?? text.length;
                replace(summary.id, tab, at, at, emoji);
              }}
            />
          </span>
          <button type="submit" class={`button ${note ? "note-button" : "primary"}`} disabled={(!text.trim() && !files) || over}>
            {words.button}
          </button>
        </div>
        {over ? <p class="form-error" role="alert">Terlalu panjang {text.length - LIMIT} karakter.</p> : null}
      </form>
    );
  };
  return (
    <div class={`composer ${tab}`} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <div class="composer-top">
        <Tabs summary={summary} chosen={tab} />
        <Writing />
        <span class={`counter ${over ? "bad" : ""}`}>
          {text.length}/{LIMIT}
        </span>
      </div>
      <div id="composer-panel" role="tabpanel" aria-label={words.tab}>
        {body()}
      </div>
    </div>
  );
}
