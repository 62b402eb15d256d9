import { signal } from "@preact/signals";
import type { Media } from "../shared/message";
import { newId } from "../shared/storage";
import { fileSize } from "../shared/time";
import { session } from "./session";
import { limits } from "./store";

/** Files the customer adds to the next message: uploaded at once, with progress, each failure told in words. */

export interface Upload {
  key: string;
  file: File;
  progress: number;
  state: "uploading" | "done" | "failed";
  error: string | null;
  media: Media | null;
}

export const uploads = signal<Upload[]>([]);
const running = new Map<string, XMLHttpRequest>();

/** Starts uploading the files. */
export function addFiles(files: Iterable<File>): void {
  for (const file of files) {
    const upload: Upload = { key: newId(), file, progress: 0, state: "uploading", error: null, media: null };
    uploads.value = [...uploads.value, upload];
    begin(upload);
  }
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

/** The media ready to be sent; they leave the list. */
export function takeDone(): Media[] {
  const done = uploads.value.filter((each) => each.state === "done");
  uploads.value = uploads.value.filter((each) => each.state !== "done");
  return done.flatMap((each) => (each.media ? [each.media] : []));
}

function change(key: string, patch: Partial<Upload>): void {
  uploads.value = uploads.value.map((each) => (each.key === key ? { ...each, ...patch } : each));
}

function fail(key: string, error: string): void {
  running.delete(key);
  change(key, { state: "failed", error });
}

function begin({ key, file }: Upload): void {
  if (file.size === 0) return fail(key, "Berkas kosong.");
  if (file.size > limits.value.file) return fail(key, tooLarge());
  if (!session.token) return fail(key, "Belum terhubung. Mohon coba beberapa saat lagi.");
  const request = new XMLHttpRequest();
  running.set(key, request);
  request.open("POST", "/api/chat/upload");
  request.setRequestHeader("Authorization", `Bearer ${session.token}`);
  request.responseType = "json";
  request.timeout = 120_000;
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) change(key, { progress: Math.round((event.loaded / event.total) * 100) });
  };
  request.onload = () => {
    const body = request.response as (Media & { error?: { message?: string } }) | null;
    if (request.status !== 201 || !body) return fail(key, body?.error?.message ?? reason(request.status));
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

function tooLarge(): string {
  return `Berkas terlalu besar. Ukuran paling besar ${fileSize(limits.value.file)}.`;
}

function reason(status: number): string {
  if (status === 413) return tooLarge();
  if (status === 415) return "Jenis berkas ini tidak dapat dikirim.";
  if (status === 401) return "Sesi obrolan berakhir. Mohon muat ulang halaman.";
  if (status === 429) return "Terlalu banyak unggahan. Mohon tunggu sebentar.";
  return "Berkas tidak dapat diunggah. Mohon coba lagi.";
}
