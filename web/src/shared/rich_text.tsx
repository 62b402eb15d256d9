import type { ComponentChildren } from "preact";

/**
 * Message text as nodes: safe links and WhatsApp's *bold*, _italic_, ~struck~ and ```fixed```.
 * Everything is made of text nodes; nothing a customer writes becomes markup.
 */

const PATTERN = /(https?:\/\/[^\s<>"]+)|```([\s\S]+?)```|\*([^*\n]+)\*|_([^_\n]+)_|~([^~\n]+)~/g;
const WORD = /[\p{L}\p{N}]/u;

function safeUrl(raw: string): string | null {
  try {
    const url = new URL(raw);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

function standsAlone(text: string, start: number, end: number): boolean {
  const before = text[start - 1] ?? "";
  const after = text[end] ?? "";
  const inner = text.slice(start + 1, end - 1);
  return !WORD.test(before) && !WORD.test(after) && inner.trim() === inner;
}

function link(raw: string): { node: ComponentChildren; length: number } | null {
  const shown = raw.replace(/[.,;:!?)\]}'*_~]+$/, "");
  const href = safeUrl(shown);
  if (!href) return null;
  const node = (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {shown}
    </a>
  );
  return { node, length: shown.length };
}

function parse(text: string): ComponentChildren[] {
  const nodes: ComponentChildren[] = [];
  const pattern = new RegExp(PATTERN);
  let from = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const start = match.index;
    let end = start + match[0].length;
    const [, url, fixed, bold, italic, struck] = match;
    let node: ComponentChildren = null;
    if (url) {
      const found = link(url);
      if (found) {
        node = found.node;
        end = start + found.length;
      }
    } else if (fixed) {
      node = <code>{fixed}</code>;
    } else if (standsAlone(text, start, end)) {
      if (bold) node = <strong>{parse(bold)}</strong>;
      else if (italic) node = <em>{parse(italic)}</em>;
      else if (struck) node = <s>{parse(struck)}</s>;
    }
    if (node === null) {
      pattern.lastIndex = start + 1;
      continue;
    }
    if (start > from) nodes.push(text.slice(from, start));
    nodes.push(node);
    from = end;
    pattern.lastIndex = end;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

/** The text of a message, formatted; line breaks are kept by the class's `white-space`. */
export function RichText({ text }: { text: string }) {
  return <p class="rich">{parse(text)}</p>;
}
