import { moment, shortMoment } from "../../shared/time";
import { tick } from "./ticking";
import { LockIcon } from "../../desk/icons";
import { open } from "../loading";
import type { Row } from "../shapes";
import * as store from "../store";
import { dueWords } from "../time";

/** One ticket of the list. */

/** A priority as a chip; the usual one says nothing. */
export function PriorityChip({ priority }: { priority: Row["priority"] }) {
  if (priority.id === "normal") return null;
  return <span class={`chip ${{ urgent: "bad", high: "warn" }[priority.id] ?? ""}`}>{priority.label}</span>;
}

function Due({ row }: { row: Row }) {
  const due = dueWords(row, store.now.value);
  if (!due) return <span class="row-due" />;
  return (
    <span class={`row-due ${due.tone}`} title={due.title}>
      {due.text}
    </span>
  );
}

function Where({ row }: { row: Row }) {
  return (
    <span class="row-unit">
      <span class="row-unit-name">{row.unit.label}</span>
      {row.closed_at || row.accepted ? null : <span class="chip warn">belum diterima</span>}
    </span>
  );
}

export function RowItem({ row, at }: { row: Row; at: number }) {
  const current = store.openNumber.value === row.number;
  const calls = store.filter.value.box === "calls";
  return (
    <li class={`row ${current ? "current" : ""} ${row.breached_at || row.hop_breached_at ? "late" : ""}`} data-testid="ticket-row">
      <label class="row-tick">
        <input
          type="checkbox"
          aria-label={`Pilih ${row.number}`}
          checked={store.ticked.value.has(row.number)}
          onClick={(event) => tick(at, event.currentTarget.checked, event.shiftKey)}
        />
      </label>
      <a
        class="row-link"
        href={`#${row.number}`}
        aria-current={current ? "true" : undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          open(row.number);
        }}
      >
        <span class="row-number">
          {row.number}
          {row.restricted ? (
            <span class="row-lock" title="Terbatas">
              <LockIcon />
              <span class="visually-hidden">Terbatas</span>
            </span>
          ) : null}
        </span>
        <span class="row-summary">{row.summary}</span>
        <span class="row-foot">
          <span class="row-marks">
            <span class={`chip status-${row.status.id}`}>{row.status.label}</span>
            <PriorityChip priority={row.priority} />
          </span>
          <Where row={row} />
        </span>
        <span class="row-person">{row.assignee?.name ?? "–"}</span>
        {calls && row.call_back_at ? <span class="row-due soon">hubungi {shortMoment(row.call_back_at, store.now.value)}</span> : <Due row={row} />}
        <span class="visually-hidden">, diubah {moment(row.updated_at)}</span>
      </a>
    </li>
  );
}
