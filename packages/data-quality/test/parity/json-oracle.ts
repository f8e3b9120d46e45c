import type { JsonType, JsonTypes } from '@sluice/schemas/expectations';

import type { Check } from '../../src/declaration/expand-expectation.ts';

/** Whether a text is JSON of the shape that a check declares, by JavaScript's own parser. */
export function isJsonOf(check: Extract<Check, { kind: 'json' }>, text: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return false;
  }
  const { is, required = {}, optional = {}, maxDepth = 16 } = check;
  const tokens = jsonTokens(text);
  if (depthOf(tokens) > maxDepth || !tokens.every(isStorable)) {
    return false;
  }
  const hasType = (value: unknown, types: JsonTypes): boolean =>
    (typeof types === 'string' ? [types] : types).includes(jsonTypeOf(value));
  if (is !== undefined && !hasType(parsed, is)) {
    return false;
  }
  if (Object.keys({ ...required, ...optional }).length === 0) {
    return true;
  }
  if (jsonTypeOf(parsed) !== 'object') {
    return false;
  }
  const names = topLevelNames(tokens);
  const members = parsed as Readonly<Record<string, unknown>>; // an object, as was asked above
  return (
    new Set(names).size === names.length &&
    Object.entries(required).every(
      ([name, types]) => Object.hasOwn(members, name) && hasType(members[name], types),
    ) &&
    Object.entries(optional).every(
      ([name, types]) => !Object.hasOwn(members, name) || hasType(members[name], types),
    )
  );
}

function jsonTypeOf(value: unknown): JsonType {
  if (value === null) {
    return 'null';
  }
  const type = Array.isArray(value) ? 'array' : typeof value;
  return type as JsonType; // what JSON.parse gives is of no other type
}

/** Strings and signs, of all members: of two with one name, JSON.parse forgets the first. */
function jsonTokens(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/gsu) ?? [];
}

function depthOf(tokens: readonly string[]): number {
  let [depth, deepest] = [0, 0];
  for (const token of tokens) {
    depth += '{['.includes(token) ? 1 : '}]'.includes(token) ? -1 : 0;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function isStorable(token: string): boolean {
  const value = token.startsWith('"') ? String(JSON.parse(token)) : token;
  return value.isWellFormed() && !value.includes('\0');
}

/** Names of the outermost object's members as they stand, repeated ones too. */
function topLevelNames(tokens: readonly string[]): string[] {
  let depth = 0;
  return tokens.flatMap((token, index) => {
    depth += '{['.includes(token) ? 1 : '}]'.includes(token) ? -1 : 0;
    return depth === 1 && token.startsWith('"') && tokens[index + 1] === ':'
      ? [String(JSON.parse(token))]
      : [];
  });
}
