import { describe, expect, test } from 'vitest';

import { parseVote } from '../src/parse-vote.ts';
import type { FieldSource } from '../src/parse-vote.ts';
import { voteFields, voteSchema } from '../src/vote-contract.ts';

const string = (text: string): FieldSource => ({ kind: 'string', text });
const number = (text: string): FieldSource => ({ kind: 'number', text });
const nothing: FieldSource = { kind: 'null', text: 'null' };
const other: FieldSource = { kind: 'other', text: 'true' };

function record(changes: Readonly<Record<string, FieldSource | undefined>>) {
  const fields = new Map<string, FieldSource>([
    ['Id', string('7')],
    ['PostId', string('8')],
    ['VoteTypeId', string('2')],
    ['CreationDate', string('2021-09-04T00:00:00.000')],
  ]);
  for (const [name, source] of Object.entries(changes)) {
    if (source === undefined) {
      fields.delete(name);
    } else {
      fields.set(name, source);
    }
  }
  return fields;
}

function breachOf(changes: Readonly<Record<string, FieldSource | undefined>>) {
  const parsed = parseVote(record(changes));
  return 'breach' in parsed ? parsed.breach : undefined;
}

describe('parseVote', () => {
  test('gives typed values, and null for what is absent', () => {
    expect(parseVote(record({ Id: number('9223372036854775807') }))).toEqual({
      vote: {
        Id: 9_223_372_036_854_775_807n,
        PostId: 8n,
        VoteTypeId: 2,
        UserId: null,
        CreationDate: 1_630_713_600_000_000n,
        BountyAmount: null,
      },
      unknownFields: [],
    });
  });

  test('keeps a record with unknown fields and names them, __proto__ like any other', () => {
    const fields = record({ id: string('1') });
    fields.set('__proto__', other);
    expect(parseVote(fields)).toHaveProperty('unknownFields', ['id', '__proto__']);
  });

  test.each([
    ['Id', string('0'), 'out_of_range'],
    ['Id', string('-0'), 'out_of_range'],
    ['Id', number('9223372036854775808'), 'out_of_range'],
    ['Id', string('9'.repeat(10_000)), 'out_of_range'],
    ['Id', undefined, 'missing_field'],
    ['Id', nothing, 'missing_field'],
    ['Id', number('1.0'), 'wrong_type'],
    ['Id', number('1e3'), 'wrong_type'],
    ['Id', string(''), 'wrong_type'],
    ['Id', string(' 12 '), 'wrong_type'],
    ['Id', string('007'), 'wrong_type'],
    ['Id', string('+7'), 'wrong_type'],
    ['Id', string('0x10'), 'wrong_type'],
    ['Id', string('7\n'), 'wrong_type'],
    ['Id', other, 'wrong_type'],
    ['PostId', string('-1'), 'out_of_range'],
    ['VoteTypeId', number('0'), 'out_of_range'],
    ['VoteTypeId', number('32768'), 'out_of_range'],
    ['UserId', number('0'), 'out_of_range'],
    ['UserId', number('-2'), 'out_of_range'],
    ['BountyAmount', number('-1'), 'out_of_range'],
    ['BountyAmount', number('2147483648'), 'out_of_range'],
    ['CreationDate', nothing, 'missing_field'],
    ['CreationDate', number('2021'), 'wrong_type'],
    ['CreationDate', string('2021-02-30'), 'bad_timestamp'],
  ] as const)('puts %s %j aside as %s', (name, source, reason) => {
    const breach = breachOf({ [name]: source });
    expect(breach?.reason).toBe(reason);
    expect(breach?.message).toContain(name);
    expect(breach?.message.length).toBeLessThan(200);
  });

  test.each([
    ['UserId', number('-1')],
    ['UserId', nothing],
    ['BountyAmount', string('0')],
    ['BountyAmount', number('-0')],
    ['BountyAmount', number('2147483647')],
    ['VoteTypeId', number('32767')],
    ['CreationDate', string('2021-09-04')],
  ] as const)('accepts %s %j, as the schema of a parsed vote does', (name, source) => {
    const parsed = parseVote(record({ [name]: source }));
    if (!('vote' in parsed)) {
      expect.fail(parsed.breach.message);
    }
    expect(voteSchema.safeParse(parsed.vote).error).toBeUndefined();
  });

  test('names the first field in the order of the contract', () => {
    expect(breachOf({ CreationDate: other, Id: nothing })?.message).toBe('Id is null');
  });
});

test('the schema of a parsed vote has exactly the fields of the contract', () => {
  expect(Object.keys(voteSchema.shape)).toEqual(voteFields.map((field) => field.name));
});
