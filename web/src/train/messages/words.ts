import type { Mark } from "./shapes";

/** An example's words, by code points, as the service counts. Pure. */

export interface Word {
  text: string;
  start: number;
  end: number;
  /** Where the word itself begins and ends, without punctuation around it. */
  from: number;
  to: number;
}

const AROUND = /^[("'“‘]*|[.,!?;:)"'”’…]*$/gu;

export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  for (const part of text.split(/(\s+)/u)) {
    const length = Array.from(part).length;
    if (part.trim()) {
      const lead = Array.from(part.match(/^[("'“‘]*/u)?.[0] ?? "").length;
      const core = Array.from(part.replace(AROUND, "")).length;
      const bare = core > 0 ? { from: at + lead, to: at + lead + core } : { from: at, to: at + length };
      words.push({ text: part, start: at, end: at + length, ...bare });
    }
    at += length;
  }
  return words;
}

/** The mark that covers a word, if any. */
export function markOf(word: Word, marks: Mark[]): Mark | undefined {
  return marks.find((mark) => mark.start < word.to && word.from < mark.end);
}

/** The marks with the words from `first` to `last` marked anew. */
export function marked(marks: Mark[], words: Word[], first: number, last: number, entity: string): Mark[] {
  const start = words[Math.min(first, last)]!.from;
  const end = words[Math.max(first, last)]!.to;
  return [...without(marks, start, end), { start, end, entity }].sort((a, b) => a.start - b.start);
}

/** The marks without those that touch a span. */
export function without(marks: Mark[], start: number, end: number): Mark[] {
  return marks.filter((mark) => mark.end <= start || end <= mark.start);
}

/** The text of a mark. */
export function textOf(text: string, mark: Mark): string {
  return Array.from(text).slice(mark.start, mark.end).join("");
}
