import { addDays, deliveryStarts } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { beforeEach, describe, expect, test } from 'vitest';

import { answerOf, emptyAnswer, throughout } from './answers.ts';
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

// A day of its own for each test, with 48 cells.
beforeEach(async () => {
  day = addDays(day, 2);
  expect(await collect({ [a]: fill(1), [b]: fill(2) })).toMatchObject({ written: { added: 48 } });
});

const fill = (value: number | string) => throughout(contract, day, value);

async function collect(
  cells: Parameters<typeof answerOf>[2],
  options?: Parameters<typeof answerOf>[3],
) {
  return store.collect(contract, day, answerOf(contract, day, cells, options));
}

async function openReasons(): Promise<unknown> {
  return store.db.query(
    `select reason, delivery_start, count(*) as entries from ops.quarantine
     where business_day = $1 group by reason, delivery_start order by reason`,
    [day],
  );
}

/** The answer to another question: rows of the week after. */
const wrongWeek = (): Uint8Array =>
  answerOf(contract, addDays(day, 7), { [a]: fill(5), [b]: fill(6) });

describe('an answer with nothing but rows of other days', () => {
  test('is a failed attempt that says so, however often it comes, and changes nothing of the day', async () => {
    for (let time = 0; time < 3; time++) {
      expect(await store.collect(contract, day, wrongWeek())).toMatchObject({
        outcome: 'foreign',
        written: undefined,
        quarantined: 48,
        message: expect.stringMatching(
          /^fetch http.*: 24 rows, and none of them of the day: foreign_row 24; all are in quarantine$/,
        ) as unknown,
      });
      await backdate(owner, contract, day);
    }
    expect(await shownCells(store.db, contract, day)).toBe(48);
    expect(await dayRow(store.db, contract, day)).toEqual({
      state: 'complete',
      finished: true,
      cells: 48,
      doubtful: false,
    });
    expect(await openReasons()).toEqual([
      { reason: 'foreign_row', delivery_start: null, entries: 24 },
    ]);
    expect(
      await store.db.query(
        `select distinct outcome, read, quarantined, unchanged, error is null as silent
         from ops.attempt where business_day = $1 order by outcome`,
        [day],
      ),
    ).toEqual([
      { outcome: 'foreign', read: 48, quarantined: 48, unchanged: 0, silent: false },
      { outcome: 'stored', read: 48, quarantined: 0, unchanged: 0, silent: true },
    ]);
  });

  test('keeps its bytes, and leaves its claim to whoever tries again', async () => {
    const taken = await store.claim(contract, day);
    await store.collect(contract, day, wrongWeek(), taken);
    expect(
      await store.db.query(
        `select p.decoded_bytes = a.decoded_bytes as kept from ops.attempt a join ops.payload p using (payload_hash)
         where a.business_day = $1 and a.outcome = 'foreign'`,
        [day],
      ),
    ).toEqual([{ kept: true }]);
    await store.claim(contract, day);
  });

  test('also of a day that was never answered, which has no state by that', async () => {
    const other = addDays(day, 300);
    const body = answerOf(contract, day, { [a]: fill(5) });
    expect(await store.collect(contract, other, body)).toMatchObject({ outcome: 'foreign' });
    expect(await dayRow(store.db, contract, other)).toBeUndefined();
  });
});

describe('an answer with a row that might be any of the day', () => {
  const foreign = (): string =>
    JSON.stringify({
      dateTimeUtc: new Date(deliveryStarts(contract, addDays(day, 7))[0] ?? 0).toISOString(),
      [a]: 9,
    });

  test.each([
    ['a row of another day', foreign],
    ['a row without a time', () => `{"${a}":9}`],
    ['a row between the hours', () => foreign().replace(':00:00', ':15:00')],
    ['a row that is no object', () => 'null'],
  ])('%s: withdraws nothing, whatever it lacks and however often it comes', async (_, extra) => {
    const lackings = [
      answerOf(contract, day, { [a]: fill(1) }, { extraRows: [extra()] }),
      answerOf(contract, day, { [a]: fill(1) }, { withoutRows: [3, 4], extraRows: [extra()] }),
    ];
    for (const body of lackings) {
      for (let time = 0; time < 3; time++) {
        const { written } = await store.collect(contract, day, body);
        expect(written).toMatchObject({ withdrawn: 0, added: 0, revised: 0, quarantined: 1 });
        await backdate(owner, contract, day);
      }
      expect(await shownCells(store.db, contract, day)).toBe(48);
      expect(await dayRow(store.db, contract, day)).toMatchObject({
        state: 'quarantined',
        cells: 48,
      });
    }
    await collect({ [a]: fill(1) });
    expect(await shownCells(store.db, contract, day)).toBe(24);
  });

  test('does not count as the second of two empty answers, nor between them', async () => {
    await store.collect(contract, day, emptyAnswer());
    await backdate(owner, contract, day);
    await store.collect(contract, day, answerOf(contract, day, {}, { extraRows: [foreign()] }));
    await backdate(owner, contract, day);
    expect(await store.collect(contract, day, emptyAnswer())).toMatchObject({
      outcome: 'deferred',
      written: { withdrawn: 0 },
    });
    await backdate(owner, contract, day);
    expect(await store.collect(contract, day, emptyAnswer())).toMatchObject({
      outcome: 'stored',
      written: { withdrawn: 48 },
    });
  });
});

test('a cell whose key cannot be read may be any of its row, and withdraws none of it', async () => {
  const cells = { [a]: fill(1), [`${b}\u0007`]: fill(2) };
  const { written } = await collect(cells);
  expect(written).toMatchObject({ read: 48, unchanged: 24, quarantined: 24, withdrawn: 0 });
  expect(await shownCells(store.db, contract, day)).toBe(48);
});

test('rows that differ speak of their own hour alone: a key that all the others lack is withdrawn', async () => {
  const at = new Date(deliveryStarts(contract, day)[0] ?? 0).toISOString();
  const { written } = await collect(
    { [a]: fill(1) },
    { extraRows: [JSON.stringify({ dateTimeUtc: at, [a]: 7 })] },
  );
  expect(written).toMatchObject({ withdrawn: 23, quarantined: 2, unchanged: 23 });
});
