/** Figures as people read them. */

const PERCENT = new Intl.NumberFormat("id-ID", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** "87,4%", or a dash where there is nothing to tell. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : `${PERCENT.format(100 * share)}%`;
}

/** "+1,2" or "−0,4" points. */
export function points(change: number): string {
  const shown = PERCENT.format(Math.abs(100 * change));
  return shown === PERCENT.format(0) ? "0,0" : `${change < 0 ? "−" : "+"}${shown}`;
}

/** Better, worse, or too little to say. */
export function direction(change: number): "better" | "worse" | "same" {
  return change > 0.0005 ? "better" : change < -0.0005 ? "worse" : "same";
}
