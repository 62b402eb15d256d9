import { signal } from "@preact/signals";
import type { Media } from "../../shared/message";
import { newId } from "../../shared/storage";
import { fileSize } from "../../shared/time";
import { conversationPath, csrfToken } from "../api";

/** Files for the next reply: uploaded at once, with progress, each failure told in words. */

export interface Upload {
  key: string;
  conversation: string;
  file: File;
  progress: number;
  state: "uploading" | "done" | "failed";
  error: string | null;
  media: Media | null;
}

const LARGEST = 10 * 1024 * 1024;
const AT_ONCE = 5;

export const uploads = signal<Upload[]>([]);
const running = new Map<string, XMLHttpRequest>();

export function uploadsOf(conversation: string): Upload[] {
  return uploads.value.filter((each) => each.conversation === conversation);
}

/** Starts uploading; what is too much is left out. Returns a sentence about that, or "". */
export function addFiles(conversation: string, files: Iterable<File>): string {
  const room = AT_ONCE - uploadsOf(conversation).length;
  const chosen = [...files];
  for (const file of chosen.slice(0, Math.max(0, room))) {
    const upload: Upload = { key: newId(), conversation, file, progress: 0, state: "uploading", error: null, media: null };
    uploads.value = [...uploads.value, upload];
    begin(upload);
  }
  return chosen.length > room ? `Paling banyak ${AT_ONCE} berkas sekaligus.` : "";
}

export function retryUpload(key: string): void {
  const upload = uploads.value.find((each) => each.key === key);
  if (!upload) return;
  change(key, { state: "uploading", progress: 0, error: null });
  begin(upload);
}

export function removeUpload(key: string): void {
  running.get(key)?.abort();
  running.delete(key);
  uploads.value = uploads.value.filter((each) => each.key !== key);
}

/** The files ready to be sent; they leave the list. */
export function takeDone(conversation: string): Media[] {
  const done = uploadsOf(conversation).filter((each) => each.state === "done");
  uploads.value = uploads.value.filter((each) => !done.includes(each));
  return done.flatMap((each) => (each.media ? [each.media] : []));
}

function change(key: string, patch: Partial<Upload>): void {
  uploads.value = uploads.value.map((each) => (each.key === key ? { ...each, ...patch } : each));
}

function fail(key: string, error: string): void {
  running.delete(key);
  change(key, { state: "failed", error });
}

const REASONS: Record<number, string> = {
  404: "Lampiran belum dapat dikirim dari sini.",
  413: `Berkas terlalu besar. Ukuran paling besar ${fileSize(LARGEST)}.`,
  415: "Jenis berkas ini tidak dapat dikirim.",
  429: "Terlalu banyak unggahan. Mohon tunggu sebentar.",
};

function begin({ key, file, conversation }: Upload): void {
  if (file.size === 0) return fail(key, "Berkas kosong.");
  if (file.size > LARGEST) return fail(key, REASONS[413]!);
  const request = new XMLHttpRequest();
  running.set(key, request);
  request.open("POST", conversationPath(conversation, "/upload"));
  request.setRequestHeader("X-CSRF-Token", csrfToken());
  request.responseType = "json";
  request.timeout = 120_000;
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) change(key, { progress: Math.round((event.loaded / event.total) * 100) });
  };
  request.onload = () => {
    const body = request.response as (Media & { error?: { message?: string } }) | null;
    if (request.status !== 201 || !body) return fail(key, body?.error?.message ?? REASONS[request.status] ?? "Berkas tidak dapat diunggah. Mohon coba lagi.");
    running.delete(key);
    const { id, kind, name, mime, size, url } = body;
    change(key, { state: "done", progress: 100, media: { id, kind, name, mime, size, url, state: "stored" } });
  };
  request.onerror = () => fail(key, "Koneksi terputus, berkas belum terunggah.");
  request.ontimeout = () => fail(key, "Unggahan terlalu lama. Mohon coba lagi.");
  const form = new FormData();
  form.append("file", file, file.name);
  request.send(form);
}
