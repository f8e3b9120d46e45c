const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Characters that nobody sees, or that change how their neighbours are seen: controls, formats (the
 * bidirectional ones, zero widths, byte order marks), halves of surrogate pairs, line separators.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu;

/** A text, or a character of it as its escape. */
export interface TextPart {
  readonly text: string;
  readonly isEscape: boolean;
}

/** The text in parts, each invisible character as an escape such as `\u202e`. */
export function splitInvisible(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(invisible)) {
    if (match.index > end) {
      parts.push({ text: text.slice(end, match.index), isEscape: false });
    }
    parts.push({ text: escapeOf(match[0]), isEscape: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) {
    parts.push({ text: text.slice(end), isEscape: false });
  }
  return parts;
}

/** The text with each invisible character as an escape: for where nothing can mark it as one. */
export function visibleText(text: string): string {
  return text.replace(invisible, escapeOf);
}

function escapeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return (
    shortEscapes[character] ?? (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`)
  );
}
