/** Calls of the desk's HTTP interface; every failure becomes a DeskError with a sentence for the agent. */

export class DeskError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly body: unknown = null) {
    super(message);
  }

  /** Nothing was answered: the same call can simply be made again. */
  get transient(): boolean {
    return this.status === 0 || this.status >= 502;
  }
}

const WORDS: Record<string, string> = {
  window_closed: "Jendela 24 jam WhatsApp sudah tertutup. Gunakan templat, atau tunggu nasabah menulis lagi.",
  too_long: "Pesan terlalu panjang.",
  asks_secret: "Pesan meminta data rahasia (PIN, OTP, kata sandi, atau CVV). Mohon ubah isinya.",
  not_yours: "Percakapan ini tidak sedang Anda tangani.",
  forbidden: "Anda tidak berhak melakukan tindakan ini.",
  conflict: "Data sudah diubah orang lain.",
  foreign_data: "Pesan memuat data nasabah lain. Mohon periksa kembali.",
  others_wrote: "Rekan Anda baru saja menulis di percakapan ini.",
  no_channel: "Kontak ini dicatat manual; tidak ada saluran untuk mengirim pesan.",
  at_capacity: "Jumlah percakapan Anda sudah penuh.",
  steps_missing: "Masih ada langkah yang belum dilakukan.",
  both_open: "Keduanya masih memiliki percakapan terbuka di kanal yang sama.",
  locked: "Data ini terkunci sampai nasabah diverifikasi.",
  too_many_tries: "Terlalu banyak percobaan. Mohon tunggu beberapa menit.",
};

let csrf = "";
let onLoggedOut: () => void = () => undefined;

export function setCsrf(token: string): void {
  csrf = token;
}

/** Called whenever the service says that there is no session any more. */
export function whenLoggedOut(handler: () => void): void {
  onLoggedOut = handler;
}

function errorFrom(status: number, body: unknown): DeskError {
  const error = (body as { error?: { code?: string; message?: string } } | null)?.error;
  const code = error?.code ?? `http_${status}`;
  const message = error?.message || WORDS[code] || "Terjadi gangguan. Mohon coba lagi.";
  return new DeskError(status, code, message, body);
}

/** Makes the call; gives the answer's JSON, or null when there is none. */
export async function call<T>(method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    headers["X-CSRF-Token"] = csrf;
  }
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
      signal: AbortSignal.timeout(20_000),
    });
  } catch {
    throw new DeskError(0, "network", "Tidak ada koneksi ke server.");
  }
  const json: unknown = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return json as T;
  const error = errorFrom(answer.status, json);
  if (answer.status === 401 && error.code === "login_required") onLoggedOut();
  throw error;
}

/** What the service has to say there, or null: a service that does not know the call yet, or is away for a moment, is no fault of the agent's. */
export async function ask<T>(path: string): Promise<T | null> {
  try {
    return await call<T>("GET", path);
  } catch {
    return null;
  }
}

/** The token that every change must carry. */
export function csrfToken(): string {
  return csrf;
}

/** The path of one conversation's resource. */
export function conversationPath(id: string, rest = ""): string {
  return `/api/desk/conversations/${encodeURIComponent(id)}${rest}`;
}

/** The sentence to show for whatever was thrown. */
export function sentence(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Terjadi gangguan. Mohon coba lagi.";
}
