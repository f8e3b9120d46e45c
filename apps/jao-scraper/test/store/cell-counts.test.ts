import { addDays, deliveryStarts } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerOf, emptyAnswer, throughout } from './answers.ts';
import type { Cells } from './answers.ts';
import { dayRow, shownCells } from './look.ts';
import { contractOf } from './test-store.ts';
import type { TestStore } from './test-store.ts';
import { backdate } from './told-stories.ts';
import { useStore } from './use-store.ts';

const contract = contractOf('core/lta');
const a = 'border_AT_BE';
const b = 'border_BE_AT';

let store: TestStore;
let owner: PostgresDatabase;
let day = '2026-01-01';

useStore((opened) => {
  ({ owner, store } = opened);
});

beforeEach(() => {
  day = addDays(day, 2);
});

const fill = (value: number | string) => throughout(contract, day, value);
const rowAt = (index: number, members: Readonly<Record<string, unknown>>, ms = 0): string =>
  JSON.stringify({
    dateTimeUtc: new Date((deliveryStarts(contract, day)[index] ?? 0) + ms).toISOString(),
    ...members,
  });

/** Collects an answer, and gives what its attempt is said to have done. */
async function attemptOf(body: Uint8Array): Promise<unknown> {
  await store.collect(contract, day, body);
  const [attempt] = await store.db.query(
    `select outcome, read, added, revised, unchanged, duplicate, quarantined
     from ops.attempt where business_day = $1 order by attempt_id desc limit 1`,
    [day],
  );
  return attempt;
}

const nothing = { read: 0, added: 0, revised: 0, unchanged: 0, duplicate: 0, quarantined: 0 };

describe('what an answer had is counted in cells, all of them', () => {
  const quarters = [15, 30, 45].flatMap((minutes) =>
    Array.from({ length: 24 }, (_, index) => [index, minutes] as const),
  );
  const two = { [a]: 1, [b]: 2 };
  const cases: readonly (readonly [string, () => string[], Cells, object, string])[] = [
    [
      'quarters of an hour where hours are known to come',
      () => quarters.map(([index, minutes]) => rowAt(index, two, minutes * 60_000)),
      {},
      { read: 192, added: 48, quarantined: 144 },
      'quarantined',
    ],
    [
      'a row without a time',
      () => [JSON.stringify(two)],
      {},
      { read: 50, added: 48, quarantined: 2 },
      'quarantined',
    ],
    [
      'a row that is no object',
      () => ['7'],
      {},
      { read: 49, added: 48, quarantined: 1 },
      'quarantined',
    ],
    [
      'a row of another day',
      () => [rowAt(0, two, 7 * 86_400_000)],
      {},
      { read: 50, added: 48, quarantined: 2 },
      'quarantined',
    ],
    ['a row twice', () => [rowAt(3, two)], {}, { read: 50, added: 48, duplicate: 2 }, 'complete'],
    [
      'a row twice with other values',
      () => [rowAt(3, { [a]: 1 })],
      {},
      { read: 49, added: 46, quarantined: 3 },
      'quarantined',
    ],
    [
      'a key that cannot be one',
      () => [],
      { '\u0001': [1, 2] },
      { read: 50, added: 48, quarantined: 2 },
      'quarantined',
    ],
    [
      'a cell that is no number',
      () => [],
      { [b]: ['x'] },
      { read: 25, added: 24, quarantined: 1 },
      'quarantined',
    ],
  ];
  test.each(cases)('%s', async (_, extraRows, cells, counts, state) => {
    const body = answerOf(
      contract,
      day,
      { [a]: fill(1), [b]: fill(2), ...cells },
      { extraRows: extraRows() },
    );
    const expected = { ...nothing, ...counts };
    expect(await attemptOf(body)).toEqual({ outcome: 'stored', ...expected });
    expect(await dayRow(store.db, contract, day)).toMatchObject({ state, finished: true });
    // The same bytes say the same.
    const again = { ...expected, added: 0, unchanged: expected.added };
    expect(await attemptOf(body)).toEqual({ outcome: 'unchanged', ...again });
    expect(await dayRow(store.db, contract, day)).toMatchObject({ state, finished: true });
  });

  test('a row that lacks in an answer leaves its day incomplete, or quarantined where it may be there', async () => {
    const lacking = (extraRows: readonly string[] = []) =>
      store.collect(
        contract,
        day,
        answerOf(contract, day, { [a]: fill(1) }, { withoutRows: [3], extraRows }),
      );
    await lacking();
    expect(await dayRow(store.db, contract, day)).toMatchObject({ state: 'incomplete' });
    await lacking([`{"${a}":1}`]);
    expect(await dayRow(store.db, contract, day)).toMatchObject({
      state: 'quarantined',
      finished: false,
    });
  });
});

describe('the state of a day', () => {
  test('is not empty while its cells are shown, and is when they are not', async () => {
    await store.collect(contract, day, answerOf(contract, day, { [a]: fill(1) }));
    expect(await attemptOf(emptyAnswer())).toEqual({ outcome: 'deferred', ...nothing });
    expect(await shownCells(store.db, contract, day)).toBe(24);
    expect(await dayRow(store.db, contract, day)).toMatchObject({ state: 'incomplete', cells: 24 });
    await backdate(owner, contract, day);
    expect(await attemptOf(emptyAnswer())).toEqual({ outcome: 'stored', ...nothing });
    expect(await dayRow(store.db, contract, day)).toMatchObject({ state: 'empty', cells: 0 });
    expect(await attemptOf(emptyAnswer())).toEqual({ outcome: 'empty', ...nothing });
  });
});

describe('what a person is told', () => {
  test('of rows and cells in quarantine, with their reasons, and of what an answer lacks', async () => {
    const odd = { [a]: fill(1), [b]: ['x', ...fill(2).slice(1)] };
    const first = await store.collect(
      contract,
      day,
      answerOf(contract, day, odd, { extraRows: ['null', '{}', '{}'] }),
    );
    expect(first.written?.notes).toEqual([
      '3 rows and 1 cell in quarantine: bad_timestamp 2, not_a_number 1, not_an_object 1',
    ]);
    const lacking = await store.collect(
      contract,
      day,
      answerOf(contract, day, { [a]: fill(1) }, { withoutRows: [5] }),
    );
    expect(lacking.written?.notes).toEqual([
      'lacks 24 stored cells, which stay: a second answer at least 5 minutes later decides',
    ]);
    expect(store.notices.filter(({ details }) => details['businessDay'] === day)).toMatchObject(
      [...(first.written?.notes ?? []), ...(lacking.written?.notes ?? [])].map((notice) => ({
        notice,
        details: { dataset: 'core/lta' },
      })),
    );
  });
});
