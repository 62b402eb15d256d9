/** Local storage that never throws: when the browser blocks it, values live in memory until the page is left. */

const memory = new Map<string, string>();

function area(): Storage | null {
  try {
    const probe = "sapa:probe";
    window.localStorage.setItem(probe, "1");
    window.localStorage.removeItem(probe);
    return window.localStorage;
  } catch {
    return null;
  }
}

const local = area();

/** The stored value, or null. */
export function load<T>(key: string): T | null {
  const raw = memory.get(key) ?? local?.getItem(key) ?? null;
  if (raw === null) return null;
  try {
    return JSON.parse(raw) as T;
  } catch {
    return null;
  }
}

/** Stores the value; a full or blocked store falls back to memory. */
export function save(key: string, value: unknown): void {
  const raw = JSON.stringify(value);
  try {
    if (!local) throw new Error("blocked");
    local.setItem(key, raw);
    memory.delete(key);
  } catch {
    memory.set(key, raw);
  }
}

/** Forgets the value. */
export function forget(key: string): void {
  memory.delete(key);
  try {
    local?.removeItem(key);
  } catch {
    // Nothing was stored there.
  }
}

/** Every stored key that begins with the prefix. */
export function keysWith(prefix: string): string[] {
  const keys = new Set([...memory.keys()].filter((key) => key.startsWith(prefix)));
  for (let i = 0; local && i < local.length; i += 1) {
    const key = local.key(i);
    if (key?.startsWith(prefix)) keys.add(key);
  }
  return [...keys];
}

/** A random id (UUID v4), also on pages that are not a secure context. */
export function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
