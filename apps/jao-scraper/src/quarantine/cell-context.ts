import type { QuarantinedCellDetail } from '@sluice/schemas/jao';
import { z } from 'zod';

/** Enough to see a row of a day; the payload has all of it. */
const maxTextLength = 2_000;

const answerSchema = z.object({ data: z.array(z.unknown()) });
const rowSchema = z.record(z.string(), z.unknown());

/**
 * What stood around a place of an answer, by its JSON pointer: its row, and the values of its key in the
 * rows before and after. Null where there is no payload, or no such place in it.
 */
export function readContext(
  payload: Uint8Array | undefined,
  pointer: string,
): QuarantinedCellDetail['context'] {
  const [, index, key] = /^\/data\/(\d+)(?:\/(.*))?$/s.exec(pointer) ?? [];
  const rows = payload === undefined ? undefined : parseRows(payload);
  const row = index === undefined ? undefined : rows?.[Number(index)];
  if (row === undefined || rows === undefined) {
    return null;
  }
  const name = key?.replaceAll('~1', '/').replaceAll('~0', '~');
  const time = memberOf(row, 'dateTimeUtc');
  return {
    dateTimeUtc: typeof time === 'string' ? time : null,
    row: textOf(row) ?? '',
    before: name === undefined ? null : textOf(memberOf(rows[Number(index) - 1], name)),
    after: name === undefined ? null : textOf(memberOf(rows[Number(index) + 1], name)),
  };
}

function parseRows(payload: Uint8Array): readonly unknown[] | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(Buffer.from(payload).toString('utf8'))).data?.data;
  } catch {
    // What JSON.parse does not take, such as a duplicate of the whole, has no place to show.
    return undefined;
  }
}

function memberOf(row: unknown, name: string): unknown {
  return rowSchema.safeParse(row).data?.[name];
}

/** JSON text, cut; null where there is nothing. */
function textOf(value: unknown): string | null {
  const text = value === undefined ? undefined : JSON.stringify(value);
  return text === undefined
    ? null
    : text.length > maxTextLength
      ? `${text.slice(0, maxTextLength).toWellFormed()}…`
      : text;
}
