import { signal } from "@preact/signals";

/** The service's clock, so that countdowns are right on a computer with a wrong one. */

const offset = signal(0);
export const now = signal(Date.now());
window.setInterval(() => (now.value = Date.now() + offset.value), 1000);

/** Takes the service's time. */
export function setServerTime(iso: string | undefined): void {
  const at = iso ? Date.parse(iso) : NaN;
  if (Number.isNaN(at)) return;
  offset.value = at - Date.now();
  now.value = at;
}
