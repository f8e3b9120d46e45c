import { generateVotes } from '@sluice/votes-generator';
import * as fc from 'fast-check';
import { isUtf8 } from 'node:buffer';
import { expect, test } from 'vitest';

import { CheckedWarehouse } from './checked-warehouse.ts';
import type { StoredVote } from './checked-warehouse.ts';

/** Bytes that mean something to JSON, to UTF-8, or to a reader of lines. */
const telling = [...Buffer.from('"\\,:{}[] \t\r\n019-+.eTZn\0'), 0xff, 0xc3, 0xef];

const damage = fc.record({
  place: fc.nat(1_000_000),
  byte: fc.oneof(fc.constantFrom(...telling), fc.nat(255)),
  kind: fc.constantFrom('replace', 'insert', 'remove'),
});
type Damage = typeof damage extends fc.Arbitrary<infer Value> ? Value : never;

function withDamage(content: Buffer, damages: readonly Damage[]): Buffer {
  const bytes = [...content];
  for (const { place, byte, kind } of damages) {
    const removed = kind === 'insert' ? 0 : 1;
    bytes.splice(place % bytes.length, removed, ...(kind === 'remove' ? [] : [byte]));
  }
  return Buffer.from(bytes);
}

/** The lines of a file with their numbers, without line ends and blank lines. */
function recordsOf(content: Buffer): Map<number, Buffer> {
  const records = new Map<number, Buffer>();
  const lines = content.toString('latin1').split('\n');
  for (const [index, line] of lines.entries()) {
    // JavaScript's white space holds more than the six that make a line blank.
    if (!/^[ \t\n\v\f\r]*$/.test(line)) {
      records.set(index + 1, Buffer.from(line.replace(/\r$/, ''), 'latin1'));
    }
  }
  return records;
}

/** The columns of a record, as JSON.parse and Date tell them; undefined where it has none. */
function columnsOf(line: Buffer): StoredVote | undefined {
  let record: unknown;
  try {
    // Numbers are kept as the digits they were written as.
    const digits = (_: string, value: unknown, { source }: { source: string }): unknown =>
      typeof value === 'number' ? { source } : value;
    record = isUtf8(line) ? JSON.parse(line.toString('utf8'), digits as never) : undefined;
  } catch {
    return undefined;
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return undefined;
  }
  const fields: Partial<Record<string, unknown>> = { ...record };
  const integer = (name: string, min: bigint, max: bigint): string | null | undefined => {
    const value = fields[name] ?? null;
    const text: unknown =
      value !== null && typeof value === 'object' && 'source' in value ? value.source : value;
    if (text === null) {
      return null;
    }
    const isInteger = typeof text === 'string' && /^-?(?:0|[1-9]\d*)$/.test(text);
    return isInteger && BigInt(text) >= min && BigInt(text) <= max
      ? String(BigInt(text))
      : undefined;
  };
  const Id = integer('Id', 1n, 2n ** 63n - 1n);
  const PostId = integer('PostId', 1n, 2n ** 63n - 1n);
  const VoteTypeId = integer('VoteTypeId', 1n, 32_767n);
  const UserId = integer('UserId', -1n, 2n ** 63n - 1n);
  const BountyAmount = integer('BountyAmount', 0n, 2n ** 31n - 1n);
  const CreationDate = storedInstant(fields['CreationDate']);
  return Id &&
    PostId &&
    VoteTypeId &&
    CreationDate !== undefined &&
    UserId !== undefined &&
    UserId !== '0' &&
    BountyAmount !== undefined
    ? {
        Id,
        PostId,
        VoteTypeId: Number(VoteTypeId),
        UserId,
        CreationDate,
        BountyAmount: BountyAmount === null ? null : Number(BountyAmount),
      }
    : undefined;
}

/** The instant as DuckDB prints it; only what the generator's dates can become by a few bytes. */
function storedInstant(text: unknown): string | undefined {
  const form = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(\.\d{1,6})?Z?)?$/;
  const [, day, time = '00:00:00', fraction = ''] =
    typeof text === 'string' ? (form.exec(text) ?? []) : [];
  const instant = new Date(`${day ?? ''}T${time}Z`);
  const isReal =
    !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(`${day ?? ''}T${time}`);
  if (day === undefined || !isReal || day.startsWith('0000')) {
    return undefined;
  }
  return `${day} ${time}${fraction.replace(/\.?0*$/, '')}`;
}

test('whatever bytes break, each record is loaded exactly, or put aside exactly', async () => {
  const options = { rows: 120, seed: 1, unknownFields: 0.1, unknownTypes: 0.05 } as const;
  const warehouse = await CheckedWarehouse.create();
  try {
    let firstRow = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 80 }),
        fc.constantFrom('string', 'number'),
        fc.boolean(),
        async (damages, values, crlf) => {
          // Rows that no earlier run had; a damaged Id may still be another's, so the last one wins.
          firstRow += options.rows;
          const whole = Buffer.concat([...generateVotes({ ...options, firstRow, values, crlf })]);
          const content = withDamage(whole, damages);
          const report = await warehouse.ingestBytes(content);
          const entries = (await warehouse.quarantine()).slice(-report.quarantined || Infinity);
          const rejects = new Map(entries.map((entry) => [entry.line, entry]));
          const stored = new Map((await warehouse.votes()).map((vote) => [vote.Id, vote]));
          const expected = new Map<string, StoredVote>();
          const records = recordsOf(content);
          for (const [line, bytes] of records) {
            const reject = rejects.get(line);
            const columns = columnsOf(bytes);
            if (reject === undefined) {
              expect(columns, `line ${line}: ${bytes.toString()}`).toBeDefined();
              expected.set(columns?.Id ?? '', columns ?? ({} as never));
            } else {
              const { raw, rawBase64, reason } = reject;
              const kept = raw === null ? Buffer.from(rawBase64 ?? '', 'base64') : Buffer.from(raw);
              expect(kept.equals(bytes), `line ${line}: ${bytes.toString()}`).toBe(true);
              expect(columns === undefined || reason === 'duplicate_key').toBe(true);
            }
          }
          expect(report.read).toBe(records.size);
          for (const [id, columns] of expected) {
            expect(stored.get(id)).toEqual(columns);
          }
        },
      ),
      { numRuns: 8 },
    );
  } finally {
    await warehouse.remove();
  }
});
