import { takeSource } from "../assist/store";
import type { Summary } from "../shapes";
import * as desk from "../store";
import { dropObjection, type Objection, objections, send } from "./sends";
import { setText, textOf } from "./text";

/** Why the text was not sent, right where it stands. */

const TITLE: Record<string, string> = {
  others_wrote: "Rekan menulis lebih dulu",
  asks_secret: "Meminta data rahasia",
  foreign_data: "Memuat data nasabah lain",
  too_long: "Terlalu panjang",
};

function anyway(summary: Summary, objection: Objection): void {
  const text = textOf(summary.id, "reply").trim();
  dropObjection(summary.id);
  if (!text && !objection.item.media?.length) return;
  send(summary.id, {
    kind: "reply",
    text,
    media: objection.item.media,
    suggestion: takeSource(summary.id) ?? objection.item.suggestion,
    seen: desk.thread.value.at(-1)?.seq,
    anyway: true,
  });
  setText(summary.id, "reply", "");
}

export function ObjectionBox({ summary }: { summary: Summary }) {
  const objection = objections.value.get(summary.id);
  if (!objection || desk.composerTab.value !== "reply") return <div role="alert" />;
  const raced = objection.code === "others_wrote";
  return (
    <div role="alert" class={`objection ${raced ? "warn" : "bad"}`} data-testid="objection">
      <p>
        <strong>{TITLE[objection.code] ?? "Tidak terkirim"}.</strong> {objection.sentence}
      </p>
      {objection.found.length > 0 ? <p>Ditemukan: {objection.found.join(", ")}</p> : null}
      {objection.others.slice(-2).map((each) => (
        <p class="objection-other" key={each.id}>
          {each.name ?? "Petugas"}: “{each.text}”
        </p>
      ))}
      <span class="row-buttons">
        {raced ? (
          <button type="button" class="button small primary" onClick={() => anyway(summary, objection)}>
            Kirim juga
          </button>
        ) : null}
        <button type="button" class="button small" onClick={() => dropObjection(summary.id)}>
          {raced ? "Batal" : "Mengerti"}
        </button>
      </span>
    </div>
  );
}
