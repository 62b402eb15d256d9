import { useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Section } from "../../desk/context/section";
import { useKept } from "../../shared/kept";
import { RichText } from "../../shared/rich_text";
import { moment } from "../../shared/time";
import { change } from "../changing";
import { Catalogue, Choose } from "../fields";
import { type Ticket, word } from "../shapes";
import * as store from "../store";
import { editing } from "./editing";
import { EditForm } from "./edit_form";

/** The tab "Uraian": what it is about, edited in place. */

const WAYS: Record<string, string> = {
  phone: "Telepon",
  walk_in: "Datang langsung",
  outlet_call: "Panggilan outlet",
  social: "Media sosial",
  email: "Surel",
  whatsapp: "WhatsApp",
  livechat: "Obrolan web",
};

/** The id of something named by its id or its words. */
function idOf(value: Ticket["topic"]): string {
  return typeof value === "string" ? value : value?.id ?? "";
}

function Facts({ ticket }: { ticket: Ticket }) {
  const about = [ticket.product, ticket.category?.label, word(ticket.sub_category)].filter(Boolean).join(" › ");
  const topic = store.options.value?.topics.find((each) => each.id === idOf(ticket.topic))?.label ?? word(ticket.topic);
  const facts: [string, string][] = [
    ["Topik", topic],
    ["Tentang", about],
    ["Nasabah", ticket.customer?.name ?? ""],
    ["Pelapor", [ticket.reporter, ticket.contact].filter(Boolean).join(" · ")],
    ["Kanal", WAYS[ticket.channel ?? ""] ?? ticket.channel ?? ""],
    ["Outlet", ticket.outlet?.label ?? ""],
    ["Dibuat", moment(ticket.created_at)],
    ["Diubah", moment(ticket.updated_at)],
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Only what was changed is sent: what a colleague changed elsewhere in the ticket stays. */
function changed(ticket: Ticket, text: (name: string) => string): Record<string, unknown> {
  const before: Record<string, string> = {
    summary: ticket.summary,
    detail: ticket.detail,
    priority: ticket.priority.id,
    kind: ticket.kind.id,
    topic: idOf(ticket.topic),
    product: ticket.product ?? "",
    category: ticket.category?.id ?? "",
    sub_category: idOf(ticket.sub_category),
    outlet: ticket.outlet?.id ?? "",
  };
  const differs = (key: string) => text(key) !== before[key]?.trim();
  const catalogue = ["product", "category", "sub_category"];
  const wanted = Object.keys(before).filter((key) => differs(key) || (catalogue.includes(key) && catalogue.some(differs)));
  return Object.fromEntries(wanted.map((key) => [key, text(key)]));
}

function Edit({ ticket }: { ticket: Ticket }) {
  const options = store.options.value;
  const seen = useRef(ticket);
  const keep = `${ticket.number}:detail`;
  const kept = useKept(store.keptAt(keep));
  return (
    <EditForm
      label="Ubah uraian"
      submitLabel="Simpan"
      keep={keep}
      onCancel={() => (editing.value = false)}
      onSubmit={async (text) => {
        const body = changed(seen.current, text);
        if (Object.keys(body).length === 0) return;
        try {
          await change(seen.current, "", body, "PATCH");
          store.say(`Tiket ${ticket.number} disimpan.`);
        } catch (error) {
          seen.current = store.ticket.value ?? seen.current;
          throw error;
        }
      }}
    >
      <label class="field-label">
        Ringkasan
        <input name="summary" class="field" required maxLength={200} autofocus defaultValue={ticket.summary} />
      </label>
      <label class="field-label">
        Uraian
        <textarea name="detail" class="field" rows={8} defaultValue={ticket.detail} />
      </label>
      <div class="field-pair">
        <Choose name="priority" label="Prioritas" items={options?.priorities ?? [ticket.priority]} chosen={ticket.priority.id} />
        <Choose name="kind" label="Jenis" items={options?.kinds ?? [ticket.kind]} chosen={ticket.kind.id} />
        <Choose name="topic" label="Topik" items={options?.topics ?? []} chosen={idOf(ticket.topic)} empty="–" />
        <Choose name="outlet" label="Outlet" items={options?.outlets ?? []} chosen={ticket.outlet?.id ?? ""} empty="–" />
      </div>
      <Catalogue
        product={kept.value("product") ?? ticket.product ?? ""}
        category={kept.value("category") ?? ticket.category?.id ?? ""}
        sub={kept.value("sub_category") ?? idOf(ticket.sub_category)}
      />
    </EditForm>
  );
}

export function Detail({ ticket }: { ticket: Ticket }) {
  const whole = useSignal(false);
  if (editing.value) return <Edit key={ticket.number} ticket={ticket} />;
  const long = ticket.detail.length > 2500 && !whole.value;
  return (
    <>
      <Section
        title="Uraian"
        action={
          store.may("edit") ? (
            <button type="button" class="button small" onClick={() => (editing.value = true)}>
              Ubah
            </button>
          ) : undefined
        }
      >
        <RichText text={long ? `${ticket.detail.slice(0, 2500)}…` : ticket.detail || "–"} />
        {long ? (
          <button type="button" class="link" onClick={() => (whole.value = true)}>
            Tampilkan semua
          </button>
        ) : null}
      </Section>
      {ticket.resolution ? (
        <Section title={ticket.solved_how === "berita_acara" ? "Penyelesaian (Berita Acara)" : "Penyelesaian"}>
          <RichText text={ticket.resolution} />
        </Section>
      ) : null}
      <Section title="Keterangan">
        <Facts ticket={ticket} />
      </Section>
    </>
  );
}
