import { CloseIcon } from "../../shared/icons";
import { toggleDiff } from "./keys";
import * as queue from "./store";

function kind(line: string): string {
  if (line.startsWith("diff ") || line.startsWith("+++") || line.startsWith("---") || line.startsWith("index ") || line.startsWith("new file")) return "file";
  if (line.startsWith("@@")) return "place";
  if (line.startsWith("+")) return "plus";
  return line.startsWith("-") ? "minus" : "same";
}

/** What all decisions together changed in data/nlu, ready to be reviewed. */
export function DiffPane() {
  const diff = queue.diff.value;
  const lines = diff?.diff ? diff.diff.replace(/\n$/, "").split("\n") : [];
  return (
    <aside class="pane review-diff" aria-label="Perubahan">
      <header class="diff-head">
        <h2>Perubahan</h2>
        <span class="dim">{diff ? (diff.diff ? `+${diff.added} −${diff.removed} baris` : "") : "Memuat…"}</span>
        <button type="button" class="icon-button" aria-label="Tutup perubahan" title="Tutup (d)" onClick={toggleDiff}>
          <CloseIcon />
        </button>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Isi perubahan">
        {diff && diff.missing.length > 0 ? (
          <div class="missing">
            <strong>Belum dapat dilatih:</strong>
            <ul>
              {diff.missing.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </div>
        ) : null}
        {diff && lines.length === 0 ? <p class="empty">Belum ada perubahan pada data latih.</p> : null}
        {lines.length > 0 ? (
          <pre class="diff" data-testid="diff">
            {lines.map((line, index) => (
              <span key={index} class={kind(line)}>
                {`${line}\n`}
              </span>
            ))}
          </pre>
        ) : null}
      </div>
    </aside>
  );
}
