import type { Message, Owner } from "../shared/message";

/** The frames of live chat (docs/protocols.md, "Live chat"). */

export interface Brand {
  name: string;
  title: string;
  subtitle: string;
  color: string;
  greeting: string;
  quick: { id: string; title: string }[];
}

export interface Limits {
  text: number;
  file: number;
}

export type ClientFrame =
  | { type: "hello"; token: string | null; after: number; inbox: string; page: string }
  | { type: "message"; client_id: string; text: string; payload: string | null; reply_to: string | null; media: string[] }
  | { type: "typing" }
  | { type: "read"; seq: number }
  | { type: "end" }
  | { type: "ping" };

export interface Welcome {
  type: "welcome";
  token: string;
  conversation: string | null;
  messages: Message[];
  state: Owner;
  agent: string | null;
  brand: Partial<Brand>;
  limits: Partial<Limits>;
}

export type ServerFrame =
  | Welcome
  | { type: "ack"; client_id: string; id: string; seq: number; at: string }
  | { type: "refused"; client_id: string; code: string; message: string }
  | { type: "message"; conversation: string; message: Message }
  | { type: "read"; seq: number }
  | { type: "typing"; author: "bot" | "agent"; name: string | null }
  | { type: "state"; conversation: string; state: Owner; agent: string | null; queue_position?: number | null }
  | { type: "error"; code: string; message: string }
  | { type: "pong" };
