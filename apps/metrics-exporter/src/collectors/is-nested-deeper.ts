const [quote, backslash] = ['"', '\\'].map((character) => character.charCodeAt(0));
const openers = ['[', '{'].map((character) => character.charCodeAt(0));
const closers = [']', '}'].map((character) => character.charCodeAt(0));

/**
 * Whether lists and objects lie in each other deeper than this, in text that should be JSON. It takes no
 * memory, whereas each level costs `JSON.parse` hundreds of bytes before it can say that the text is none.
 */
export function isNestedDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      isInString = !isInString;
    } else if (isInString) {
      at += code === backslash ? 1 : 0;
    } else if (openers.includes(code)) {
      depth += 1;
      if (depth > maxDepth) {
        return true;
      }
    } else if (closers.includes(code)) {
      depth -= 1;
    }
  }
  return false;
}
