import { addDays } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { answerOf, emptyAnswer, throughout } from './answers.ts';
import { dayRow, driftOf, keySetsOf, shownCells, versionsOf } from './look.ts';
import { contractOf, openStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';
import { useStore } from './use-store.ts';

const contract = contractOf('core/maxExchanges');
const a = 'border_AT_BE';
const b = 'border_BE_AT';
const c = 'border_DE_FR';

let database: TestDatabase;
let store: TestStore;
let owner: PostgresDatabase;
let day = '2026-01-01';

useStore((opened) => {
  ({ database, owner, store } = opened);
});

// A day of its own for each test, so that none waits for another's.
beforeEach(() => {
  day = addDays(day, 2);
});

const fill = (value: number | null | undefined) => throughout(contract, day, value);

async function collect(
  cells: Parameters<typeof answerOf>[2],
  options?: Parameters<typeof answerOf>[3],
) {
  return store.collect(contract, day, answerOf(contract, day, cells, options));
}

/** As if the last doubtful answer had come earlier. */
async function age(minutes: number): Promise<void> {
  const aged = await owner.run(
    `update jao.dataset_day set doubt_since = doubt_since - make_interval(mins => $2)
     where business_day = $1 and doubt_since is not null`,
    [day, minutes],
  );
  expect(aged).toBe(1);
}

describe('the versions of a day', () => {
  test('A, B, A are three', async () => {
    for (const value of [1, 2, 1]) {
      await collect({ [a]: [value] });
    }
    expect(await versionsOf(store.db, contract, day, a)).toEqual(['0: 1', '0: 2', '0: 1']);
  });

  test('null, absent and 0 are three things', async () => {
    await collect({ [a]: [0, null], [b]: fill(1) });
    await collect({ [a]: [null, 0, 0], [b]: fill(1) });
    await collect({ [a]: [null], [b]: fill(1) });
    expect(await versionsOf(store.db, contract, day, a)).toEqual([
      '0: 0',
      '0: null',
      '1: null',
      '1: 0',
      '1: withdrawn',
      '2: 0',
      '2: withdrawn',
    ]);
    expect(await shownCells(store.db, contract, day)).toBe(25);
  });

  test('the same bytes again add nothing but their attempt', async () => {
    const first = await collect({ [a]: fill(5) });
    const again = await collect({ [a]: fill(5) });
    expect(first).toMatchObject({ outcome: 'stored', written: { added: 24, isFinished: true } });
    expect(again).toMatchObject({
      outcome: 'unchanged',
      written: { added: 0, revised: 0, unchanged: 24, isFinished: true },
    });
    expect(await versionsOf(store.db, contract, day, a)).toHaveLength(24);
  });

  test('the same values in other bytes add nothing, and a new publication is told by its ids', async () => {
    await collect({ [a]: fill(5), [b]: fill(6) });
    expect(await collect({ [b]: fill(6), [a]: fill(5) })).toMatchObject({
      outcome: 'unchanged',
      written: { unchanged: 48 },
    });
    expect(await collect({ [a]: fill(5), [b]: fill(6) }, { firstId: 9000 })).toMatchObject({
      outcome: 'republished',
      written: { added: 0, revised: 0, unchanged: 48 },
    });
    expect(await versionsOf(store.db, contract, day, a)).toHaveLength(24);
  });

  test('a version names its attempt, its row and the stamp of both', async () => {
    const written = await collect({ [a]: [7] }, { firstId: 4711 });
    expect(written.outcome).toBe('stored');
    const { attemptId } = store.attempts.at(-1) ?? { attemptId: -1 };
    expect(
      await store.db.query(
        `select o.source_row_id, o.attempt_id, o.known_from = t.known_from as stamped,
                o.known_from = dd.first_known_from and o.known_from = dd.last_known_from as day_stamped
         from jao.observation o join ops.attempt t using (attempt_id)
         join jao.dataset_day dd on dd.attempt_id = t.attempt_id
         where t.attempt_id = $1`,
        [attemptId],
      ),
    ).toEqual([{ source_row_id: 4711, attempt_id: attemptId, stamped: true, day_stamped: true }]);
  });
});

describe('what an answer lacks', () => {
  test('an empty answer for a day that was never there stores an empty day', async () => {
    const first = await store.collect(contract, day, emptyAnswer());
    const again = await store.collect(contract, day, emptyAnswer());
    expect([first.outcome, again.outcome]).toEqual(['empty', 'empty']);
    expect(await dayRow(store.db, contract, day)).toEqual({
      state: 'empty',
      finished: false,
      cells: 0,
      doubtful: false,
    });
  });

  test.each([
    ['an empty answer', () => emptyAnswer(), 48],
    [
      'an answer that lacks hours',
      () => answerOf(contract, day, { [a]: fill(1), [b]: fill(2) }, { withoutRows: [3, 4] }),
      4,
    ],
  ])('%s withdraws nothing until a second agrees five minutes later', async (_, body, lacking) => {
    const whole = { [a]: fill(1), [b]: fill(2) };
    await collect(whole);
    expect(await store.collect(contract, day, body())).toMatchObject({ outcome: 'deferred' });
    await age(4);
    expect(await store.collect(contract, day, body())).toMatchObject({ outcome: 'deferred' });
    expect(await shownCells(store.db, contract, day)).toBe(48);
    expect(await dayRow(store.db, contract, day)).toMatchObject({
      finished: false,
      cells: 48,
      doubtful: true,
    });
    await age(2);
    expect(await store.collect(contract, day, body())).toMatchObject({
      outcome: 'stored',
      written: { withdrawn: lacking },
    });
    expect(await shownCells(store.db, contract, day)).toBe(48 - lacking);
    expect(await dayRow(store.db, contract, day)).toMatchObject({
      cells: 48 - lacking,
      doubtful: false,
    });
    expect(await collect(whole)).toMatchObject({
      outcome: 'stored',
      written: { revised: lacking },
    });
    expect(await dayRow(store.db, contract, day)).toMatchObject({ finished: true, cells: 48 });
    expect(await keySetsOf(store.db, contract, day)).toEqual([`${a} ${b}`]);
  });

  test('a doubt that another answer does not share begins anew', async () => {
    await collect({ [a]: fill(1) });
    await collect({ [a]: fill(1) }, { withoutRows: [3] });
    await age(10);
    expect(await collect({ [a]: fill(1) }, { withoutRows: [4] })).toMatchObject({
      outcome: 'deferred',
    });
    expect(await collect({ [a]: fill(1) }, { withoutRows: [4] })).toMatchObject({
      outcome: 'deferred',
    });
  });

  test('the whole day, come again after a doubtful answer, is finished as before', async () => {
    await collect({ [a]: fill(1) });
    await store.collect(contract, day, emptyAnswer());
    expect(await collect({ [a]: fill(1) })).toMatchObject({
      outcome: 'unchanged',
      written: { unchanged: 24, isFinished: true },
    });
    expect(await dayRow(store.db, contract, day)).toEqual({
      state: 'complete',
      finished: true,
      cells: 24,
      doubtful: false,
    });
  });

  test('what a doubtful answer revised is revised back by the day as it was', async () => {
    await collect({ [a]: fill(1) });
    expect(await collect({ [a]: [1, 2] }, { withoutRows: [23] })).toMatchObject({
      outcome: 'stored',
      written: { revised: 1, withdrawn: 0 },
    });
    expect(await collect({ [a]: fill(1) })).toMatchObject({
      outcome: 'stored',
      written: { revised: 1 },
    });
    expect((await versionsOf(store.db, contract, day, a)).slice(0, 4)).toEqual([
      '0: 1',
      '1: 1',
      '1: 2',
      '1: 1',
    ]);
  });

  test('a key that vanished from a complete answer is withdrawn at once, and comes back', async () => {
    await collect({ [a]: fill(1), [b]: fill(2) });
    expect(await collect({ [a]: fill(1) })).toMatchObject({
      outcome: 'stored',
      written: { withdrawn: 24, unchanged: 24, isFinished: true },
    });
    expect(await driftOf(store.db, contract, 'vanished_key')).toContain(b);
    expect(await collect({ [a]: fill(1), [b]: fill(2) })).toMatchObject({
      written: { revised: 24, added: 0 },
    });
    expect(await versionsOf(store.db, contract, day, b)).toContain('7: withdrawn');
    expect(await shownCells(store.db, contract, day)).toBe(48);
    expect(await keySetsOf(store.db, contract, day)).toEqual([`${a} ${b}`, a, `${a} ${b}`]);
  });
});

describe('what breaks the contract', () => {
  const openEntries = (): Promise<unknown[]> =>
    store.db.query(
      `select series_key, reason, raw from ops.quarantine where business_day = $1 order by quarantine_id`,
      [day],
    );

  test('a quarantined cell is never withdrawn, and costs no other', async () => {
    await collect({ [a]: fill(1), [b]: fill(2) });
    const [first, ...others] = fill(1);
    expect(first).toBe(1);
    expect(await collect({ [a]: ['1,5', ...others], [b]: fill(3) })).toMatchObject({
      outcome: 'stored',
      written: { quarantined: 1, revised: 24, withdrawn: 0, isFinished: true },
    });
    expect(await shownCells(store.db, contract, day)).toBe(48);
  });

  test('a key that is wholly in quarantine has not vanished', async () => {
    await collect({ [a]: fill(1), [c]: fill(2) });
    await collect({ [a]: fill(1), [c]: throughout(contract, day, 'n/a') });
    expect(await keySetsOf(store.db, contract, day)).toEqual([`${a} ${c}`]);
    expect(await driftOf(store.db, contract, 'vanished_key')).not.toContain(c);
  });

  test('a key that was only ever in quarantine is no series', async () => {
    await collect({ [a]: fill(1), border_XX_YY: throughout(contract, day, 'n/a') });
    expect(await keySetsOf(store.db, contract, day)).toEqual([a]);
    expect(await store.db.query(`select from jao.series where key = 'border_XX_YY'`)).toHaveLength(
      0,
    );
  });

  test('an entry that is open is not repeated by answers that repeat it', async () => {
    const odd = ['{"x":"\u2028"}', true, '\u0000'];
    await collect({ [a]: odd });
    await collect({ [a]: odd, [b]: fill(1) });
    await collect({ [a]: odd, [b]: fill(2) });
    expect(await openEntries()).toHaveLength(3);
    await collect({ [a]: ['other', true, '\u0000'], [b]: fill(2) });
    expect(await openEntries()).toHaveLength(4);
  });
});

describe('what is told of keys', () => {
  test('an unknown key is a new series, told as drift and in the set of the day', async () => {
    await collect({ [a]: fill(1) });
    const before = await store.db.rows(
      z.object({ n: z.number() }),
      'select count(*) n from jao.series',
    );
    expect(await collect({ [a]: fill(1), border_NL_NO2: fill(3) })).toMatchObject({
      written: { added: 24, hasNewKeys: true },
    });
    expect(await driftOf(store.db, contract, 'new_key')).toContain('border_NL_NO2');
    const after = await store.db.rows(
      z.object({ n: z.number() }),
      'select count(*) n from jao.series',
    );
    expect((after[0]?.n ?? 0) - (before[0]?.n ?? 0)).toBe(1);
    expect(await keySetsOf(store.db, contract, day)).toEqual([a, `${a} border_NL_NO2`]);
  });

  test('a doubtful answer with another set of keys is noted once, and so is the way back', async () => {
    await collect({ [a]: fill(1), [b]: fill(1) });
    const doubtful = [{ [a]: fill(1), [b]: fill(1), [c]: fill(1) }, { withoutRows: [5] }] as const;
    await collect(...doubtful);
    await collect(...doubtful);
    await collect({ [a]: fill(1), [b]: fill(1) });
    expect(await keySetsOf(store.db, contract, day)).toEqual([
      `${a} ${b}`,
      `${a} ${b} ${c}`,
      `${a} ${b}`,
    ]);
  });

  test('when a key was last met is noted to the hour', async () => {
    await collect({ [a]: fill(1), [b]: fill(1) });
    await owner.query(`update jao.series set last_seen_at = last_seen_at - interval '1 day'`);
    // Another process: this one has noted it within the hour.
    const other = await openStore(database);
    await other.collect(contract, day, answerOf(contract, day, { [a]: fill(2) }));
    await other.close();
    expect(
      await store.db.query(
        `select key from jao.series where last_seen_at > now() - interval '1 hour' order by key`,
      ),
    ).toEqual([{ key: a }]);
  });

  test('two days may meet a set of known keys for the first time at once', async () => {
    const rounds = Array.from({ length: 8 }, (_, index) => `border_AT_X${String(index)}`);
    await collect(Object.fromEntries(rounds.map((key) => [key, fill(1)])));
    for (const key of rounds) {
      const days = [1, 3, 5, 7].map((offset) => addDays(day, 400 + offset));
      const results = await Promise.all(
        days.map((other) =>
          store.collect(
            contract,
            other,
            answerOf(contract, other, { [key]: throughout(contract, other, 1) }),
          ),
        ),
      );
      expect(results.map(({ outcome }) => outcome)).toEqual(days.map(() => 'stored'));
    }
  });
});
