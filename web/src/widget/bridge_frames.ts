/** What the widget (on the host page) and the chat page (in the iframe) say to each other with postMessage. */

export type ToChat =
  | { sapa: 1; type: "host"; page: string; open: boolean }
  | { sapa: 1; type: "open" }
  | { sapa: 1; type: "closed" };

export type FromChat =
  | { sapa: 1; type: "close" }
  | { sapa: 1; type: "unread"; count: number }
  | { sapa: 1; type: "brand"; name: string; color: string }
  | { sapa: 1; type: "message"; message: { id: string; author: string; name: string | null; text: string; at: string } };

function isOurs(data: unknown): data is { sapa: 1; type: string } {
  return typeof data === "object" && data !== null && (data as { sapa?: unknown }).sapa === 1;
}

/** Whether the posted data is a frame of the chat page. */
export function isFromChat(data: unknown): data is FromChat {
  return isOurs(data);
}

/** Whether the posted data is a frame of the widget. */
export function isToChat(data: unknown): data is ToChat {
  return isOurs(data);
}
