import { createHash } from 'node:crypto';

/**
 * SHA-256, in hex, of a declaration in canonical form: members in the order of their names, absent ones
 * left out, an integer the same as number and as bigint. What is only said about it, its description,
 * counts too.
 */
export function fingerprint(declaration: object): string {
  return createHash('sha256').update(canonicalText(declaration)).digest('hex');
}

/** The canonical form. @throws {TypeError} for what is no plain data. */
export function canonicalText(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'bigint':
      return String(value);
    case 'number':
      return numberText(value);
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      throw new TypeError(`a declaration is plain data, and has no ${typeof value}`);
  }
}

function objectText(value: object): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonicalText).join(',')}]`;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`);
  return `{${members.join(',')}}`;
}

function numberText(number: number): string {
  // A large integer has an exponent as a number and none as a bigint.
  return Number.isInteger(number) ? String(BigInt(number)) : String(number);
}
