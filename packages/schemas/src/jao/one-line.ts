const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** `text` in one line for a message: nothing unprintable in it, cut to `maxLength` characters. */
export function oneLine(text: string, maxLength = 100): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
  return cut.replace(unprintable, ' ');
}
