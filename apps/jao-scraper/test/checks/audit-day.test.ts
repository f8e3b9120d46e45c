import { jaoVerifyReportSchema } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { answerOf, throughout } from '../store/answers.ts';
import { contextOn } from '../store/commands.ts';
import { coverageStates } from '../store/look.ts';
import { contractOf } from '../store/test-store.ts';
import { openOwnedDatabase, openStoreWith } from '../store/use-store.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-01-20';
const quarantine = { 'core/maxExchanges': { 'cells.value.floor': { action: 'quarantine' } } };
const refuse = { 'core/maxExchanges': { 'cells.value.floor': { action: 'refuse' } } };

let database: TestDatabase;
let owner: PostgresDatabase;

beforeEach(async () => {
  ({ database, owner } = await openOwnedDatabase());
});

/** A day of two keys, of which the first has these values in its first delivery periods. */
function dayWith(values: readonly number[], firstId = 1000): Uint8Array {
  const a = throughout(contract, day, 100);
  values.forEach((value, index) => {
    a[index] = value;
  });
  const b = throughout(contract, day, 200);
  return answerOf(contract, day, { border_AT_BE: a, border_BE_AT: b }, { firstId });
}

async function firstValues(): Promise<(number | null)[]> {
  const rows = await owner.rows(
    z.object({ value: z.number().nullable(), start: z.date() }),
    `select value, delivery_start as start from jao.latest where key = 'border_AT_BE' order by 2 limit 2`,
  );
  return rows.map(({ value }) => value);
}

function entries() {
  return owner.rows(
    z.object({
      state: z.string(),
      pointer: z.string(),
      key: z.string().nullable(),
      raw: z.string(),
      message: z.string(),
    }),
    `select state, pointer, series_key as key, raw, message from ops.quarantine
     where reason = 'failed_check' order by quarantine_id`,
  );
}

async function expectVerified(except: readonly string[] = []): Promise<void> {
  const verified = contextOn(database);
  await verifyCommand(verified, { format: 'json', from: day, to: day });
  const report = jaoVerifyReportSchema.parse(JSON.parse(verified.printed()));
  expect(report.differences.listed.map(({ check }) => check)).toEqual(except);
  const before = await firstValues();
  await reparseCommand(contextOn(database), { format: 'json', from: day, to: day });
  expect(await firstValues()).toEqual(before);
}

describe('a check whose action is quarantine', () => {
  test('keeps a cell out of what readers see, with its place and its characters', async () => {
    const store = await openStoreWith(database, quarantine);
    const result = await store.collect(contract, day, dayWith([-5]));
    expect(result).toMatchObject({
      outcome: 'stored',
      written: { added: 47, quarantined: 1 },
      audited: [
        { checkId: 'cells.value.floor', outcome: 'failed', action: 'quarantine', failing: 1 },
      ],
    });
    expect(await firstValues()).toEqual([100, 100]);
    expect(await coverageStates(owner, day)).toEqual({ present: 47, quarantined: 1 });
    expect(await entries()).toEqual([
      {
        state: 'open',
        pointer: '/data/0/border_AT_BE',
        key: 'border_AT_BE',
        raw: '-5',
        message: 'check cells.value.floor: 1 of 48 rows',
      },
    ]);
    const { results } = await owner.row(
      z.object({ results: z.int() }),
      `select count(*) as results from ops.check_result where action = 'quarantine' and failing = 1`,
    );
    expect(results).toBe(1);
    await expectVerified();

    // The same under new row ids is no second entry; another value is data.
    await store.collect(contract, day, dayWith([-5], 5000));
    expect(await entries()).toHaveLength(1);
    expect(await coverageStates(owner, day)).toEqual({ present: 47, quarantined: 1 });
    await expectVerified();
    await store.collect(contract, day, dayWith([7]));
    expect(await firstValues()).toEqual([7, 100]);
    expect(await coverageStates(owner, day)).toEqual({ present: 48 });
    await expectVerified();
  });

  test('keeps a revision out, and what was known before stays', async () => {
    const store = await openStoreWith(database, quarantine);
    await store.collect(contract, day, dayWith([50, 60]));
    const result = await store.collect(contract, day, dayWith([-1, 61]));
    expect(result.written).toMatchObject({ revised: 1, quarantined: 1, withdrawn: 0 });
    expect(await firstValues()).toEqual([50, 61]);
    await expectVerified();
  });

  test('is judged by all of the day, and takes back nothing that was data before', async () => {
    const before = await openStoreWith(database, {});
    await before.collect(contract, day, dayWith([-1]));
    const share = { 'cells.value.floor': { error: { percent: 4 }, action: 'quarantine' } };
    const store = await openStoreWith(database, { 'core/maxExchanges': share });
    // 1 of 48 is 2.1 %; 2 are 4.2 %.
    expect((await store.collect(contract, day, dayWith([-1, 99]))).written?.quarantined).toBe(0);
    expect((await store.collect(contract, day, dayWith([-1, -2]))).written?.quarantined).toBe(1);
    expect(await firstValues()).toEqual([-1, 99]);
    await expectVerified();
  });

  test('that is off later lets the cell become data by itself, unless somebody discarded it', async () => {
    const store = await openStoreWith(database, quarantine);
    await store.collect(contract, day, dayWith([-5, -6]));
    await owner.query(
      `update ops.quarantine set state = 'discarded', decided_at = clock_timestamp(), decided_by = 'a steward',
         decision_reason = 'never' where raw = '-6'`,
    );
    const later = await openStoreWith(database, {});
    const result = await later.collect(contract, day, dayWith([-5, -6], 5000));
    expect(result.written).toMatchObject({ added: 1, quarantined: 1 });
    const rows = await owner.rows(
      z.object({ value: z.number() }),
      `select value from jao.latest where value < 0`,
    );
    expect(rows).toEqual([{ value: -5 }]);
    expect((await entries()).map(({ raw, state }) => [raw, state])).toEqual([
      ['-5', 'replayed'],
      ['-6', 'discarded'],
    ]);
    await expectVerified();
    expect(await entries(), 'after reading it again').toHaveLength(2);
  });
});

describe('a check whose action is refuse', () => {
  test('keeps the day out as a whole: payload, attempt and quarantine say so', async () => {
    const store = await openStoreWith(database, refuse);
    const good = '2026-01-19';
    const cells = {
      border_AT_BE: throughout(contract, good, 1),
      border_BE_AT: throughout(contract, good, 2),
    };
    await store.collect(contract, good, answerOf(contract, good, cells));
    // Longer than what an entry keeps of it.
    const body = Buffer.concat([dayWith([-5]), Buffer.alloc(5_000, ' ')]);
    const result = await store.collect(contract, day, body);
    expect(result).toMatchObject({
      outcome: 'failed_check',
      written: undefined,
      quarantined: 48,
      message: expect.stringMatching(
        /^fetch http:\/\/.*FromUtc=.*&ToUtc=.*: check cells\.value\.floor: 1 of 48 rows$/,
      ) as unknown,
    });
    await store.collect(contract, day, body);
    const {
      cells: stored,
      payloads,
      held,
    } = await owner.row(
      z.object({ cells: z.int(), payloads: z.int(), held: z.int() }),
      `select (select count(*) from jao.latest where business_day = $1) as cells,
         (select count(*) from ops.attempt join ops.payload using (payload_hash)
           where business_day = $1 and outcome = 'failed_check' and error is not null and added = 0) as payloads,
         (select count(*) from ops.claim where claimed_until > now()) as held`,
      [day],
    );
    expect({ stored, payloads, held }).toEqual({ stored: 0, payloads: 2, held: 0 });
    expect(await coverageStates(owner, day)).toEqual({ quarantined: 48 });
    expect(await entries()).toMatchObject([{ state: 'open', pointer: '', key: null }]);
    const { length } = await owner.row(
      z.object({ length: z.int() }),
      'select raw_length as length from ops.quarantine',
    );
    expect(length).toBe(body.length);
    // It was asked for, and never collected.
    await expectVerified(['days.asked']);

    await store.collect(contract, day, dayWith([5]));
    expect(await coverageStates(owner, day)).toEqual({ present: 48 });
    await expectVerified();
  });

  test('keeps the day out too where it can not be evaluated', async () => {
    const settings = { warn: null, error: { deviations: 6 }, action: 'refuse' };
    const store = await openStoreWith(database, {
      'core/maxExchanges': { 'cells.value.mean': settings },
    });
    const result = await store.collect(contract, day, dayWith([1e300]));
    expect(result).toMatchObject({
      outcome: 'failed_check',
      quarantined: 48,
      message: expect.stringMatching(
        /: check cells\.value\.mean could not be evaluated: /,
      ) as unknown,
      audited: [{ checkId: 'cells.value.mean', outcome: 'error', action: 'refuse' }],
    });
    expect(await firstValues()).toEqual([]);
    // It is judged again with the next answer.
    await store.collect(contract, day, dayWith([1]));
    expect(await coverageStates(owner, day)).toEqual({ present: 48 });
    await expectVerified();
  });

  test('keeps a revision of a day out, and the day stays as it was', async () => {
    const store = await openStoreWith(database, refuse);
    await store.collect(contract, day, dayWith([1]));
    const result = await store.collect(contract, day, dayWith([-1, 70]));
    expect(result.outcome).toBe('failed_check');
    expect(await firstValues()).toEqual([1, 100]);
    expect(await coverageStates(owner, day)).toEqual({ present: 48 });
    await expectVerified();
  });
});

test('without an action nothing is held back, whatever fails', async () => {
  const store = await openStoreWith(database, {});
  const result = await store.collect(contract, day, dayWith([-5]));
  expect(result).toMatchObject({ written: { added: 48, quarantined: 0 }, audited: undefined });
});
