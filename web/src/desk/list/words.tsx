import { ChatIcon, PhoneIcon } from "../../shared/icons";
import { DeskPhoneIcon, OutletIcon, PersonIcon, ShareIcon } from "../icons";
import type { Summary, Way } from "../shapes";
import * as desk from "../store";

/** How a conversation is called: its customer, its channel, who has it. */

/** The name to show for a customer who may have none. */
export function customerName(summary: Summary): string {
  return summary.customer.name || summary.customer.handle || "Nasabah";
}

const WAYS: Record<Way, [string, () => preact.JSX.Element]> = {
  whatsapp: ["WhatsApp", PhoneIcon],
  livechat: ["Obrolan web", ChatIcon],
  phone: ["Telepon", DeskPhoneIcon],
  outlet_call: ["Telepon outlet", OutletIcon],
  walk_in: ["Tatap muka", PersonIcon],
  social: ["Media sosial", ShareIcon],
};

/** The channel in a word. */
export function wayWord(way: Way): string {
  return WAYS[way]?.[0] ?? way;
}

export function ChannelIcon({ channel }: { channel: Way }) {
  const [label, Icon] = WAYS[channel] ?? [channel, ChatIcon];
  return (
    <span class={`channel ${channel}`} title={label}>
      <Icon />
      <span class="visually-hidden">{label}</span>
    </span>
  );
}

/** Who has the conversation, in words. */
export function ownerWord(summary: Summary): string {
  switch (summary.owner) {
    case "queue":
      return "Antrean";
    case "agent":
      return desk.isMine(summary) ? "Anda" : summary.agent?.name ?? "Petugas";
    case "closed":
      return "Ditutup";
    default:
      return "Bot";
  }
}
