const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Controls, which a terminal acts on, and what changes the direction of a text or has no width, so that
 * it shows another one than there is.
 */
const hidden =
  // eslint-disable-next-line no-control-regex -- it is control characters that are looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text with such characters as escapes: out of data none must reach a terminal. */
export function printable(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return shortEscapes[character] ?? `\\u${code}`;
  });
}

/** The same for a text that may have more than one line. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
