/** A member of a JSON object, by its place in the text. */
export interface MemberSpan {
  /** Escapes resolved. */
  readonly name: string;
  readonly valueFrom: number;
  readonly valueTo: number;
}

/** An element of a JSON array, by its place in the text. */
export interface ElementSpan {
  readonly from: number;
  readonly to: number;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * The members of the object that begins at `from`, doubled names included, which `JSON.parse` hides.
 * `text` must be JSON: these functions read what a parser has let pass.
 */
export function* membersOf(text: string, from: number): Generator<MemberSpan> {
  let at = skipSpace(text, from + 1);
  while (text[at] === '"') {
    const nameTo = endOfString(text, at);
    const valueFrom = skipSpace(text, skipSpace(text, nameTo) + 1);
    const valueTo = endOfValue(text, valueFrom);
    yield { name: decodeString(text.slice(at, nameTo)), valueFrom, valueTo };
    const separator = skipSpace(text, valueTo);
    at = text[separator] === ',' ? skipSpace(text, separator + 1) : separator;
  }
}

/** The elements of the array that begins at `from`; see {@link membersOf}. */
export function* elementsOf(text: string, from: number): Generator<ElementSpan> {
  let at = skipSpace(text, from + 1);
  while (text[at] !== ']') {
    const to = endOfValue(text, at);
    yield { from: at, to };
    const separator = skipSpace(text, to);
    at = text[separator] === ',' ? skipSpace(text, separator + 1) : separator;
  }
}

/** Where the first character from `from` on is that is no JSON white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) {
    at += 1;
  }
  return at;
}

/** The content of a JSON string, given with its quotes. */
export function decodeString(raw: string): string {
  if (!raw.includes('\\')) {
    return raw.slice(1, -1);
  }
  const decoded: unknown = JSON.parse(raw);
  if (typeof decoded !== 'string') {
    throw new TypeError('decodeString takes a JSON string with its quotes');
  }
  return decoded;
}

/** Without recursion: a text may be as deep as it is long. */
function endOfValue(text: string, from: number): number {
  const first = text[from];
  if (first === '"') {
    return endOfString(text, from);
  }
  if (first !== '{' && first !== '[') {
    return endOfScalar(text, from);
  }
  let depth = 0;
  let at = from;
  do {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
    }
    at += 1;
  } while (depth > 0 && at < text.length);
  return at;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      return at + 1;
    }
    at += code === backslash ? 2 : 1;
  }
  return at;
}

function endOfScalar(text: string, from: number): number {
  let at = from;
  while (at < text.length && !',]}'.includes(text.charAt(at)) && !isSpace(text.charCodeAt(at))) {
    at += 1;
  }
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
