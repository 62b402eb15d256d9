/** Rupiah, read and written. */

/** "Rp1.500.000". */
export function rupiah(amount: number | null): string {
  return amount === null ? "–" : `Rp${amount.toLocaleString("id-ID")}`;
}

/** An amount as somebody typed it, "1.500.000" or "Rp 1500000". */
export function amountOf(text: string): number | null {
  const digits = text.replace(/\D/g, "");
  return digits ? Number(digits) : null;
}
