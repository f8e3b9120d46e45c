import { readEnvelope } from './answer-envelope.ts';
import { decodeUtf8 } from './decode-utf8.ts';
import { membersOf, skipSpace } from './json-text.ts';
import { plainStart } from './scan-plain-rows.ts';

/** What an answer says of itself: of several in one it would be wrong. */
const ownFields: ReadonlySet<string> = new Set([
  'data',
  'rejected',
  'messages',
  'totalRows',
  'totalRowsWithFilter',
]);

/**
 * The answers for the parts of a day, in their order, as the one answer that the whole day would have had:
 * the rows of all, each with the characters that it came with, and every unknown field once. A single
 * answer is returned as it is.
 *
 * If one of them is no answer, that one is returned alone: `parseDayAnswer` refuses it, and says why. So
 * what is left after a refused part is never taken for the day.
 *
 * @throws {RangeError} there are none.
 */
export function mergeAnswers(bodies: readonly Uint8Array[]): Uint8Array {
  const [first] = bodies;
  if (first === undefined) {
    throw new RangeError('mergeAnswers: expected at least one body, received none');
  }
  if (bodies.length === 1) {
    return first;
  }
  const rows: string[] = [];
  const others = new Map<string, string>();
  for (const body of bodies) {
    const text = decodeUtf8(body);
    const envelope = text === undefined ? undefined : readEnvelope(text);
    if (text === undefined || envelope?.kind !== 'envelope') {
      return body;
    }
    for (const { name, valueFrom, valueTo } of membersOf(text, skipSpace(text, 0))) {
      if (name === 'data') {
        rows.push(text.slice(valueFrom + 1, valueTo - 1));
      } else if (!ownFields.has(name) && !others.has(name)) {
        others.set(name, text.slice(valueFrom, valueTo));
      }
    }
  }
  return new TextEncoder().encode(joinAnswer(rows, others));
}

function joinAnswer(rows: readonly string[], others: ReadonlyMap<string, string>): string {
  const all = rows.filter((text) => text.trim() !== '').join(',');
  const fields = [...others].map(([name, value]) => `,${JSON.stringify(name)}:${value}`);
  return `${plainStart}${all}],"rejected":false,"messages":null${fields.join('')}}`;
}
