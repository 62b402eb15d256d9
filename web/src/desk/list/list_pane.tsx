import { PlusIcon } from "../../shared/icons";
import type { Box } from "../shapes";
import { moveBetweenTabs } from "../tab_keys";
import * as desk from "../store";
import { Item } from "./item";

const TABS: { box: Box; label: string; empty: string }[] = [
  { box: "queue", label: "Antrean", empty: "Antrean kosong." },
  { box: "mine", label: "Saya", empty: "Anda belum menangani percakapan." },
  { box: "all", label: "Semua", empty: "Belum ada percakapan." },
];

function Tools() {
  const byHand = (desk.options.value?.contacts ?? []).length > 0;
  return (
    <div class="list-tools">
      <input
        type="search"
        id="search"
        class="search"
        aria-label="Cari percakapan"
        placeholder="Cari nama, nomor, isi… ( / )"
        value={desk.query.value}
        onInput={(event) => (desk.query.value = event.currentTarget.value)}
      />
      {byHand ? (
        <button
          type="button"
          class="icon-button bordered"
          aria-label="Catat kontak manual"
          title="Catat kontak manual: telepon, outlet, tatap muka, media sosial"
          onClick={() => (desk.dialog.value = "contact")}
        >
          <PlusIcon />
        </button>
      ) : null}
    </div>
  );
}

/** The list of conversations: three tabs and a search. */
export function ListPane() {
  const shown = desk.listed.value;
  const tab = TABS.find((each) => each.box === desk.box.value)!;
  return (
    <nav class="pane list-pane" aria-label="Daftar percakapan">
      <div class="tabs" role="tablist" aria-label="Kelompok percakapan" onKeyDown={moveBetweenTabs}>
        {TABS.map(({ box, label }) => (
          <button
            type="button"
            key={box}
            role="tab"
            id={`tab-${box}`}
            aria-selected={desk.box.value === box}
            aria-controls="list-panel"
            tabIndex={desk.box.value === box ? 0 : -1}
            onClick={() => (desk.box.value = box)}
          >
            {label} <span class="tab-count">{desk.counts.value[box]}</span>
          </button>
        ))}
      </div>
      <Tools />
      <div id="list-panel" class="scroll" role="tabpanel" aria-labelledby={`tab-${desk.box.value}`}>
        {shown.length === 0 ? <p class="empty">{desk.query.value ? "Tidak ada yang cocok." : tab.empty}</p> : null}
        <ul class="items">
          {shown.map((summary) => (
            <Item key={summary.id} summary={summary} />
          ))}
        </ul>
      </div>
    </nav>
  );
}
