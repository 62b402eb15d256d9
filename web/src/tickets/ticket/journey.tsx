import { moment } from "../../shared/time";
import { type Hop, type Ticket, who } from "../shapes";
import * as store from "../store";
import { working } from "../time";

/** The tab "Perjalanan": each stay of the ticket in a unit. */

const ENDED: Record<string, string> = {
  dispatched: "diteruskan",
  returned: "dikembalikan",
  solved: "diselesaikan",
  closed: "ditutup",
  merged: "digabungkan",
};

function state(hop: Hop): { text: string; tone: string } {
  if (hop.ended_at) return { text: `${ENDED[hop.ended_how ?? ""] ?? "berakhir"} ${moment(hop.ended_at)}`, tone: "" };
  if (!hop.accepted_at) return { text: "belum diterima", tone: "warn" };
  return { text: "di sini sekarang", tone: "good" };
}

function Stay({ hop }: { hop: Hop }) {
  const { text, tone } = state(hop);
  const late = Boolean(hop.breached_at) || (!hop.ended_at && hop.due_at && Date.parse(hop.due_at) < store.now.value);
  return (
    <li class={`hop ${hop.ended_at ? "" : "now"}`} data-testid="hop">
      <p class="hop-head">
        <strong>
          {hop.hop}. {hop.unit.label}
        </strong>
        <span class={`chip ${tone}`}>{text}</span>
        {late ? <span class="chip bad">terlambat</span> : null}
      </p>
      <p class="card-text dim">
        {hop.from ? `Dari ${hop.from.label}, ` : "Dibuat "}
        {moment(hop.sent_at)}
        {hop.sent_by ? ` oleh ${who(hop.sent_by)}` : ""}
        {hop.accepted_at ? ` · diterima ${moment(hop.accepted_at)}${hop.accepted_by ? ` oleh ${who(hop.accepted_by)}` : ""}` : ""}
      </p>
      {hop.reason || hop.note ? (
        <p class="card-text">
          {hop.reason ? <strong>{hop.reason.label}</strong> : null}
          {hop.reason && hop.note ? ": " : ""}
          {hop.note}
        </p>
      ) : null}
      <p class="card-text dim">
        {[hop.due_at ? `Tenggat ${moment(hop.due_at)}` : "", typeof hop.worked_s === "number" ? `terpakai ${working(hop.worked_s)}` : ""].filter(Boolean).join(" · ")}
      </p>
    </li>
  );
}

export function Journey({ ticket }: { ticket: Ticket }) {
  return (
    <ol class="hops plain" aria-label="Perjalanan">
      {[...ticket.hops].reverse().map((hop) => (
        <Stay key={hop.hop} hop={hop} />
      ))}
    </ol>
  );
}
