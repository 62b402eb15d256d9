/** The simulator's calls (docs/protocols.md, "Simulator"). */

export interface Phone {
  wa_id: string | null;
  bsuid: string;
  name: string;
}

export interface SimMessage {
  from: "me" | "sapa";
  wamid: string;
  kind: string;
  text?: string | null;
  buttons?: { id: string; title: string }[] | null;
  list?: { button: string; sections: { title?: string | null; rows: { id: string; title: string; description?: string | null }[] }[] } | null;
  media?: { kind?: string; name?: string | null; filename?: string | null; url?: string | null; caption?: string | null } | null;
  at: string;
  status?: "sent" | "delivered" | "read" | "failed" | null;
  reaction?: string | null;
  reply_to?: string | null;
  edited?: boolean;
  revoked?: boolean;
}

export interface Faults {
  fail_code: number | null;
  fail_times: number;
  delay_ms: number;
  drop_statuses: boolean;
  duplicate: boolean;
  reorder: boolean;
}

export interface Send {
  kind: string;
  text?: string;
  id?: string;
  reply_to?: string;
}

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`/simulator/api/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const json = (await answer.json().catch(() => null)) as (T & { error?: { message?: string } }) | null;
  if (!answer.ok || json === null) throw new Error(json?.error?.message ?? `Panggilan gagal (${answer.status}).`);
  return json;
}

export const phones = () => ask<Phone[]>("phones");
export const thread = (bsuid: string) => ask<{ messages: SimMessage[]; typing: boolean }>(`thread?bsuid=${encodeURIComponent(bsuid)}`);
export const readFaults = () => ask<Faults>("faults");
export const writeFaults = (faults: Faults) => ask<Faults | { ok: boolean }>("faults", faults);
export const send = (phone: string, message: Send, age_s: number, duplicate: boolean) =>
  ask<{ status: number; wamid: string }>("send", { phone, ...message, age_s, duplicate });
