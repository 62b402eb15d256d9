import { useRef } from "preact/hooks";
import { BackIcon } from "../../shared/icons";
import { loadList, loadMore, look, queryOf, TICKETS } from "../loading";
import * as store from "../store";
import { Bulk } from "./bulk";
import { Filters } from "./filters";
import { RowItem } from "./row";

/** The list: search, filters, order, what can be done with many at once. */

const SORTS = { due: "Tenggat terdekat", new: "Terbaru dibuat", old: "Terlama dibuat", updated: "Terakhir diubah" };

function Search() {
  const timer = useRef<number | undefined>(undefined);
  return (
    <input
      id="search"
      type="search"
      class="search"
      placeholder="Cari nomor, ringkasan, nasabah"
      aria-label="Cari tiket"
      value={store.filter.value.q ?? ""}
      onInput={(event) => {
        const q = event.currentTarget.value.trim();
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => look({ q }), 250);
      }}
    />
  );
}

function Tools() {
  return (
    <div class="list-tools">
      <Search />
      <button type="button" class="button small" aria-expanded={store.filtersShown.value} aria-controls="filters" onClick={() => (store.filtersShown.value = !store.filtersShown.value)}>
        Saring
      </button>
      <select class="field sort" aria-label="Urutan" value={store.filter.value.sort} onChange={(event) => look({ sort: event.currentTarget.value })}>
        {Object.entries(SORTS).map(([id, label]) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

function total(): string {
  const { count, more } = store.total.value;
  return more ? `lebih dari ${count.toLocaleString("id-ID")} tiket` : `${count.toLocaleString("id-ID")} tiket`;
}

function Foot() {
  return (
    <div class="list-foot">
      <span class="dim" role="status">
        {store.listState.value === "loading" ? "Memuat…" : total()}
      </span>
      <a class="button small as-link" href={`${TICKETS}.csv?${queryOf(store.filter.value)}`} download>
        Unduh CSV
      </a>
    </div>
  );
}

function Rows() {
  const rows = store.rows.value;
  if (store.listState.value === "failed") {
    return (
      <p class="empty">
        Daftar tidak dapat dimuat.{" "}
        <button type="button" class="link" onClick={() => void loadList(true)}>
          Coba lagi
        </button>
      </p>
    );
  }
  if (rows.length === 0) return <p class="empty">{store.listState.value === "loading" ? "Memuat…" : "Tidak ada tiket di sini."}</p>;
  return (
    <>
      <ul class="rows plain" aria-label="Tiket">
        {rows.map((each, at) => (
          <RowItem key={each.number} row={each} at={at} />
        ))}
      </ul>
      {store.next.value ? (
        <p class="more">
          <button type="button" class="button" onClick={() => void loadMore()}>
            Muat lagi
          </button>
        </p>
      ) : null}
    </>
  );
}

export function ListPane() {
  return (
    <section class="pane list-pane" aria-label="Daftar tiket">
      <Tools />
      <Filters />
      <Bulk />
      <div class="scroll" tabIndex={0} role="region" aria-label="Hasil">
        <Rows />
      </div>
      <Foot />
    </section>
  );
}

/** Back to the list, where there is room for one of the two. */
export function BackToList({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" class="icon-button" aria-label="Kembali ke daftar" title="Kembali ke daftar (Esc)" onClick={onClick}>
      <BackIcon />
    </button>
  );
}
