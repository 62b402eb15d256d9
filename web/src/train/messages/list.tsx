import { useEffect, useRef } from "preact/hooks";
import { shortMoment } from "../../shared/time";
import { choose, filterBy, loadMore } from "./loading";
import type { Group } from "./shapes";
import * as queue from "./store";

function Item({ group }: { group: Group }) {
  const ref = useRef<HTMLButtonElement>(null);
  const current = queue.chosenId.value === group.id;
  useEffect(() => {
    if (current) ref.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const open = () => {
    choose(group.id);
    queue.pane.value = "detail";
  };
  return (
    <li>
      <button type="button" ref={ref} class="item" aria-current={current ? "true" : undefined} data-testid="review-item" data-id={group.id} onClick={open}>
        <span class="item-said">{group.text}</span>
        <span class="item-marks">
          <span class="mark">{group.guess.label}</span>
          {group.guess.intent ? <span class="percent">{Math.round(group.guess.confidence * 100)}%</span> : null}
          {group.also.length > 0 ? <span class="mark similar">+{group.also.length} serupa</span> : null}
          <span class="item-time at-end">{shortMoment(group.at)}</span>
        </span>
        {group.reasons.length > 0 ? <span class="item-why">{group.reasons.map((each) => each.label).join(" · ")}</span> : null}
      </button>
    </li>
  );
}

function Choice({ label, name, choices, all }: { label: string; name: "topic" | "channel" | "reason"; choices: { id: string; label: string }[]; all: string }) {
  return (
    <label class="field-label">
      {label}
      <select class="field" value={queue.filter.value[name]} onChange={(event) => filterBy({ [name]: event.currentTarget.value })}>
        <option value="">{all}</option>
        {choices.map((each) => (
          <option key={each.id} value={each.id}>
            {each.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Filters() {
  const options = queue.options.value;
  return (
    <details class="filters">
      <summary>
        Saring
        {queue.filtered.value > 0 ? <span class="count">{queue.filtered.value}</span> : null}
      </summary>
      <Choice label="Alasan" name="reason" choices={options?.reasons ?? []} all="Semua alasan" />
      <Choice label="Topik tebakan" name="topic" choices={options?.topics ?? []} all="Semua topik" />
      <Choice label="Kanal" name="channel" choices={options?.channels ?? []} all="Semua kanal" />
      <div class="field-pair">
        <label class="field-label">
          Dari
          <input type="date" class="field" value={queue.filter.value.from} onChange={(event) => filterBy({ from: event.currentTarget.value })} />
        </label>
        <label class="field-label">
          Sampai
          <input type="date" class="field" value={queue.filter.value.to} onChange={(event) => filterBy({ to: event.currentTarget.value })} />
        </label>
      </div>
      <button type="button" class="button small" onClick={() => filterBy({ ...queue.NO_FILTER, q: queue.filter.value.q })}>
        Hapus saringan
      </button>
    </details>
  );
}

/** What is left to decide: search, filters, groups. */
export function List() {
  const { groups, messages } = queue.total.value;
  const empty = queue.groups.value.length === 0;
  return (
    <nav class="pane review-list" aria-label="Antrean pesan">
      <input
        type="search"
        id="search"
        class="search"
        aria-label="Cari pesan"
        placeholder="Cari isi pesan… ( / )"
        value={queue.filter.value.q}
        onInput={(event) => filterBy({ q: event.currentTarget.value })}
      />
      <Filters />
      <p class="list-total" role="status">
        {queue.state.value === "loading" && empty ? "Memuat…" : `${messages} pesan dalam ${groups} kelompok`}
        {queue.cut.value ? " · hanya 5.000 pesan terbaru" : ""}
      </p>
      <div class="scroll">
        {empty && queue.state.value === "ready" ? (
          <p class="empty">{queue.filtered.value || queue.filter.value.q ? "Tidak ada yang cocok." : "Semua pesan sudah diputuskan. Terima kasih!"}</p>
        ) : null}
        <ul class="items">
          {queue.groups.value.map((group) => (
            <Item key={group.id} group={group} />
          ))}
        </ul>
        {queue.next.value ? (
          <button type="button" class="button more" onClick={() => void loadMore()}>
            Muat lagi
          </button>
        ) : null}
      </div>
    </nav>
  );
}
