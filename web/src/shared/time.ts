/** Times for people: Indonesian wording, Jakarta clock. */

const ZONE = "Asia/Jakarta";
const CLOCK = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, day: "numeric", month: "short" });
const FULL_DAY = new Intl.DateTimeFormat("id-ID", { timeZone: ZONE, day: "numeric", month: "short", year: "numeric" });
const DAY_KEY = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });

const DAY_MS = 86_400_000;

function parse(iso: string): Date | null {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** The clock in Jakarta, "10.04". */
export function clock(iso: string): string {
  const date = parse(iso);
  return date ? CLOCK.format(date) : "";
}

/** A key that is equal for two times of the same Jakarta day. */
export function dayKey(iso: string): string {
  const date = parse(iso);
  return date ? DAY_KEY.format(date) : "";
}

/** "Hari ini", "Kemarin" or the full date. */
export function dayLabel(iso: string, now: number = Date.now()): string {
  const date = parse(iso);
  if (!date) return "";
  const key = DAY_KEY.format(date);
  if (key === DAY_KEY.format(now)) return "Hari ini";
  if (key === DAY_KEY.format(now - DAY_MS)) return "Kemarin";
  return DAY.format(date);
}

/** "10.04" today, "20 Nov" before; for narrow lists. */
export function shortMoment(iso: string, now: number = Date.now()): string {
  const date = parse(iso);
  if (!date) return "";
  return DAY_KEY.format(date) === DAY_KEY.format(now) ? CLOCK.format(date) : SHORT_DAY.format(date);
}

/** "20 Nov, 10.04 WIB". */
export function moment(iso: string): string {
  const date = parse(iso);
  return date ? `${SHORT_DAY.format(date)}, ${CLOCK.format(date)} WIB` : "";
}

/** A length of time in few letters: "45 dtk", "3 mnt", "1 j 05 m", "2 hr". */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} dtk`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} mnt`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} j ${String(minutes % 60).padStart(2, "0")} m`;
  return `${Math.floor(hours / 24)} hr`;
}

/** "4.20" minutes and seconds for short countdowns, else like span. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds >= 600) return span(ms);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A file size in words: "1,2 MB". */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  const [value, unit] = kilo < 1024 ? [kilo, "KB"] : [kilo / 1024, "MB"];
  return `${value.toLocaleString("id-ID", { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}

/** "20 Nov 2026", of a day or a time. */
export function shortDay(iso: string): string {
  const date = parse(iso);
  return date ? FULL_DAY.format(date) : "";
}
