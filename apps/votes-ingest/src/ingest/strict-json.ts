import type { ContractBreach, FieldSource } from '@sluice/schemas';

const maxMessageLength = 200;

/** The members of a record, by their names, as their source wrote them. */
export type RecordFields =
  { readonly fields: ReadonlyMap<string, FieldSource> } | { readonly breach: ContractBreach };

/**
 * Reads one JSON object: the grammar is that of RFC 8259, no name may stand twice in one object at
 * any depth, and numbers keep the text they were written as.
 */
export function readJsonRecord(text: string): RecordFields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return {
      breach: { reason: 'not_json', message: shorten(message) },
    };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
    return { breach: { reason: 'not_an_object', message: `the line is ${what}, not an object` } };
  }
  const { fields, doubledName } = readMembers(text);
  return doubledName === undefined
    ? { fields }
    : {
        breach: {
          reason: 'duplicate_key',
          message: `${JSON.stringify(shorten(doubledName))} stands twice in one object`,
        },
      };
}

interface Members {
  readonly fields: Map<string, FieldSource>;
  readonly doubledName: string | undefined;
}

/**
 * Walks through a text that is known to be valid JSON with an object at its root. Iterative, so
 * that no depth of nesting can exhaust the stack.
 */
function readMembers(text: string): Members {
  const fields = new Map<string, FieldSource>();
  /** The names of each open object; undefined for an open array. */
  const scopes: (Set<string> | undefined)[] = [];
  let name: string | undefined;
  let valueStart = -1;
  const endValue = (end: number): void => {
    if (scopes.length === 1 && name !== undefined) {
      fields.set(name, fieldSourceOf(text.slice(valueStart, end).trim()));
      name = undefined;
    }
  };
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = stringEnd(text, at);
        const colonAt = skipBlanks(text, end);
        const scope = scopes.at(-1);
        if (scope !== undefined && text[colonAt] === ':') {
          const key = stringContent(text.slice(at, end));
          if (scope.has(key)) {
            return { fields, doubledName: key };
          }
          scope.add(key);
          if (scopes.length === 1) {
            name = key;
            valueStart = colonAt + 1;
          }
          at = colonAt;
        } else {
          at = end - 1;
        }
        break;
      }
      case 0x7b:
        scopes.push(new Set());
        break;
      case 0x5b:
        scopes.push(undefined);
        break;
      case 0x7d:
      case 0x5d:
        endValue(at);
        scopes.pop();
        break;
      case 0x2c:
        endValue(at);
        break;
    }
  }
  return { fields, doubledName: undefined };
}

/** The position behind the closing quote of the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  let end = at;
  let isEscaped: boolean;
  do {
    end = text.indexOf('"', end + 1);
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') {
      backslashes += 1;
    }
    isEscaped = backslashes % 2 === 1;
  } while (isEscaped);
  return end + 1;
}

function skipBlanks(text: string, at: number): number {
  let position = at;
  while (' \t\r\n'.includes(text[position] ?? '.')) {
    position += 1;
  }
  return position;
}

function fieldSourceOf(source: string): FieldSource {
  const first = source[0] ?? '';
  if (first === '"') {
    return { kind: 'string', text: stringContent(source) };
  }
  if (source === 'null') {
    return { kind: 'null', text: source };
  }
  return { kind: '-0123456789'.includes(first) ? 'number' : 'other', text: source };
}

/** What a JSON string says, escapes resolved. */
function stringContent(source: string): string {
  // A quoted text in valid JSON parses to a string.
  return source.includes('\\') ? (JSON.parse(source) as string) : source.slice(1, -1);
}

function shorten(text: string): string {
  return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength)}…` : text;
}
