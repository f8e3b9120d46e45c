import { readEnvelope } from './answer-envelope.ts';
import { decodeUtf8 } from './decode-utf8.ts';
import { elementsOf, membersOf } from './json-text.ts';
import type { ElementSpan } from './json-text.ts';
import { escapePointer, printedName } from './part-pointer.ts';

/**
 * What an answer has at the pointer of a part of quarantine, exactly as it came: its JSON texts, the whole
 * answer for an empty pointer. Several where names are pointed to alike, as a long or unprintable one is not
 * pointed to in full; none where the answer has no such place.
 */
export function findPart(answer: Uint8Array, pointer: string): string[] {
  const text = decodeUtf8(answer);
  if (text === undefined) {
    return [];
  }
  if (pointer === '') {
    return [text];
  }
  const [, index, name] = /^\/data\/(\d+)(?:\/(.*))?$/s.exec(pointer) ?? [];
  const row = index === undefined ? undefined : rowsOf(text).at(Number(index));
  if (row === undefined) {
    return [];
  }
  if (name === undefined) {
    return [text.slice(row.from, row.to)];
  }
  const isObject = text[row.from] === '{';
  return [...(isObject ? membersOf(text, row.from) : [])]
    .filter((member) => [member.name, printedName(member.name)].map(escapePointer).includes(name))
    .map(({ valueFrom, valueTo }) => text.slice(valueFrom, valueTo));
}

/** How many rows an answer has; none where it is no answer. */
export function countRows(answer: Uint8Array): number {
  const text = decodeUtf8(answer);
  return text === undefined ? 0 : rowsOf(text).length;
}

function rowsOf(text: string): ElementSpan[] {
  const envelope = readEnvelope(text);
  return envelope.kind === 'envelope' ? [...elementsOf(text, envelope.dataFrom)] : [];
}
