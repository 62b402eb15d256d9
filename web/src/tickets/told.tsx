import type { Ticket } from "./shapes";
import * as store from "./store";

/** What a customer will read, before it is sent. */
export function Told({ ticket, notice, text }: { ticket: Ticket; notice?: string; text: string }) {
  const pattern = notice ? store.options.value?.notices?.[notice] : undefined;
  const words: Record<string, string> = {
    sapaan: "Bapak/Ibu",
    nama: ticket.customer?.name ?? "Nasabah",
    nomor: ticket.number,
    penyelesaian: text || "…",
  };
  const whole = pattern ? pattern.replace(/\{(\w+)\}/g, (place, name: string) => words[name] ?? place) : text;
  return (
    <div class="told" data-testid="told">
      <p class="told-head">Akan dikirim ke nasabah{notice && !pattern ? ", di dalam kalimat baku pemberitahuan" : ""}:</p>
      <p class="rich">{whole || "…"}</p>
    </div>
  );
}
