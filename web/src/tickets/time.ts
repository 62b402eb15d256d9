import { moment, shortMoment, span } from "../shared/time";
import type { Clock, Row } from "./shapes";

/** Clocks of tickets in words. */

/** A length of working time: "45 menit kerja", "3 jam kerja", "2 jam 30 menit kerja". */
export function working(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} menit kerja`;
  return rest === 0 || hours >= 8 ? `${hours} jam kerja` : `${hours} jam ${rest} menit kerja`;
}

/** A limit as people say it: "10 hari kerja". */
export function limitWords(limit: string): string {
  const unit = { m: "menit kerja", h: "jam kerja", d: "hari kerja" }[limit.slice(-1)];
  return unit ? `${limit.slice(0, -1)} ${unit}` : limit;
}

export type Tone = "late" | "soon" | "calm" | "paused" | "done";

/** What a clock says, and how urgent that is. */
export function clockWords(clock: Clock, state: { paused: boolean; closed: boolean }, now: number): { text: string; tone: Tone } {
  const late = clock.breached_at ?? (clock.due_at && Date.parse(clock.due_at) <= now && !state.paused ? clock.due_at : null);
  if (state.closed) return { text: clock.breached_at ? "selesai, terlambat" : "selesai tepat waktu", tone: clock.breached_at ? "late" : "done" };
  if (late) return { text: `terlambat sejak ${moment(late)}`, tone: "late" };
  if (state.paused) return { text: "dijeda", tone: "paused" };
  if (clock.left_s === null) return { text: "tanpa batas waktu", tone: "calm" };
  return { text: `sisa ${working(clock.left_s)}`, tone: clock.left_s <= 3600 * 2 ? "soon" : "calm" };
}

/** When something of the row is due next, for a narrow list. */
export function dueWords(row: Row, now: number): { text: string; tone: Tone; title: string } | null {
  if (row.closed_at) return { text: "Selesai", tone: "done", title: `Ditutup ${moment(row.closed_at)}` };
  const soonest = [
    { what: "unit", at: row.hop_due_at },
    { what: "akhir", at: row.due_at },
  ]
    .filter((each): each is { what: string; at: string } => each.at !== null)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))[0];
  const late = row.breached_at ?? row.hop_breached_at;
  if (row.paused && !late) return { text: "dijeda", tone: "paused", title: "Jam berhenti: menunggu nasabah" };
  if (!soonest) return null;
  const left = Math.min(Date.parse(soonest.at), late ? Date.parse(late) : Infinity) - now;
  const title = `Tenggat ${soonest.what} ${moment(soonest.at)}`;
  if (left <= 0 || late) return { text: `telat ${span(-left)}`, tone: "late", title };
  const text = left < 86_400_000 ? `${span(left)} lagi` : shortMoment(soonest.at, now);
  return { text, tone: left < 4 * 3_600_000 ? "soon" : "calm", title };
}
