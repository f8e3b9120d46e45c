const unprintable = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/** `text` in one line for a message: nothing unprintable in it, cut to `maxLength` characters. */
export function oneLine(text: string, maxLength: number): string {
  const characters = text.slice(0, maxLength).replace(unprintable, ' ').trim();
  return text.length > maxLength ? `${characters}…` : characters;
}
