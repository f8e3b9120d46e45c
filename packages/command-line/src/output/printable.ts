const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with its control characters as escapes: out of data none must reach a terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- it is control characters that are looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return shortEscapes[character] ?? `\\u${code}`;
  });
}

/** The same for a text that may have more than one line. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
