import type { DatasetContract } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { switchOutboxOff, switchOutboxOn } from '../../src/outbox/outbox-switch.ts';
import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { answerOf, throughout } from '../store/answers.ts';
import type { AnswerOptions, Cell, Cells } from '../store/answers.ts';
import { contextOn } from '../store/commands.ts';
import { contractOf } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedStore, openStoreWith } from '../store/use-store.ts';
import { writtenEvents, writtenTypes } from './written-events.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-01-20';
const forever = '1000 years';

let database: TestDatabase;
let owner: PostgresDatabase;
let store: TestStore;

beforeEach(async () => {
  ({ database, owner, store } = await openOwnedStore());
  await switchOutboxOn(store.db);
  await setCalendar({ grace: forever });
});

/** What the database takes for late, and for history; the days here are long past. */
async function setCalendar({
  grace = '0',
  observedWithin = '0',
}: {
  readonly grace?: string;
  readonly observedWithin?: string;
}): Promise<void> {
  await owner.run('update jao.dataset set grace = $1::interval, observed_within = $2::interval', [
    grace,
    observedWithin,
  ]);
}

async function collect(
  cells: Cells,
  { of = day, by = store, as = contract, ...options }: CollectOptions = {},
): Promise<void> {
  await by.collect(as, of, answerOf(as, of, cells, options));
}

interface CollectOptions extends AnswerOptions {
  readonly of?: string;
  readonly by?: TestStore;
  readonly as?: DatasetContract;
}

/** A value in every delivery period, but for the first ones. */
function value(rest: Cell, ...first: readonly Cell[]): Cell[] {
  return [...first, ...throughout(contract, day, rest).slice(first.length)];
}

describe('a day that is finished for the first time', () => {
  test('is complete, and told once, however often it is asked for', async () => {
    await collect({ a: value(1), b: value(2) });
    await collect({ a: value(1), b: value(2) });
    await collect({ a: value(1), b: value(2) }, { firstId: 2000 });
    const { knownFrom } = await owner.row(
      z.object({ knownFrom: z.date() }),
      'select last_known_from as "knownFrom" from jao.dataset_day',
    );
    expect(await writtenEvents(store.db)).toEqual([
      {
        type: 'day_complete',
        day,
        data: {
          state: 'complete',
          cells: 48,
          quarantined: 0,
          dueAt: '2026-01-19T09:30:00Z',
          knownFrom: knownFrom.toISOString(),
        },
      },
    ]);
  });

  test('is not told before, nor again where an answer lacks some of it for a while', async () => {
    await collect({ a: value(1) }, { withoutRows: [3] });
    expect(await writtenTypes(store.db)).toEqual([]);
    await collect({ a: value(1) });
    expect(await writtenTypes(store.db)).toEqual(['day_complete']);
    await collect({ a: value(1) }, { withoutRows: [3] });
    await collect({ a: value(1) });
    expect(await writtenTypes(store.db)).toEqual(['day_complete']);
  });

  test('may be that by an answer with which nothing is stored: it came whole before it was due', async () => {
    const { publication } = contract;
    const later = { ...contract, publication: { ...publication, dueDayOffset: 100_000 } };
    await collect({ a: value(1) }, { as: later });
    expect(await writtenTypes(store.db)).toEqual([]);
    await collect({ a: value(1) });
    expect(await writtenTypes(store.db)).toEqual(['day_complete']);
    expect(store.attempts.map(({ outcome }) => outcome)).toEqual(['stored', 'unchanged']);
  });

  test('closes a gap where it was to be there long before, and the dataset was collected by then', async () => {
    await collect({ a: value(1) });
    await setCalendar({ grace: '1 hour' });
    await owner.run(`update jao.series set first_seen_at = '2026-01-20T12:00Z'`);
    await collect({ a: value(1) }, { of: '2026-01-21' });
    await collect({ a: value(1) }, { of: '2026-02-03' });
    expect((await writtenEvents(store.db)).map((event) => [event.type, event.day])).toEqual([
      ['day_complete', day],
      ['gap_closed', '2026-02-03'],
    ]);
  });

  test('is no news where it is history that is loaded; what would be observed is', async () => {
    await setCalendar({});
    await collect({ a: value(1) });
    await collect({ a: value(1), b: value(2) }, { of: '2026-01-19' });
    expect(await writtenTypes(store.db)).toEqual([]);
    await setCalendar({ observedWithin: forever });
    await collect({ a: value(1) }, { of: '2026-01-18' });
    expect(await writtenTypes(store.db)).toEqual(['day_complete']);
  });
});

describe('a revision', () => {
  beforeEach(async () => {
    await collect({ a: value(1), b: value(2) });
    await owner.run('delete from ops.outbox');
  });

  test('tells what was revised and withdrawn, with its stamp, as jao.revision does', async () => {
    await collect({ a: value(1, 7, null), b: value(2) });
    await collect({ a: value(1, 7), b: value(2, undefined) });
    const events = await writtenEvents(store.db);
    expect(events.map(({ data }) => [data['revised'], data['withdrawn'], data['omitted']])).toEqual(
      [
        [2, 0, 0],
        [1, 1, 0],
      ],
    );
    const told = events.flatMap(({ data }) =>
      z
        .array(z.object({ key: z.string(), deliveryStart: z.string() }).loose())
        .parse(data['changes'])
        .map((change) => ({ ...change, knownFrom: data['knownFrom'] })),
    );
    const revisions = await owner.rows(
      z.object({
        key: z.string(),
        deliveryStart: z.date().transform((at) => at.toISOString()),
        oldValue: z.number().nullable(),
        newValue: z.number().nullable(),
        withdrawn: z.boolean(),
        knownFrom: z.date().transform((at) => at.toISOString()),
      }),
      `select key, delivery_start as "deliveryStart", old_value as "oldValue", new_value as "newValue",
         withdrawn, known_from as "knownFrom"
       from jao.revision order by known_from, key, delivery_start`,
    );
    expect(told).toEqual(revisions);
  });

  test('is bounded in size, and tells how much it leaves out', async () => {
    await collect({ a: value(3), b: value(4) });
    const [event, ...others] = await writtenEvents(store.db);
    expect(others).toEqual([]);
    expect(event?.data).toMatchObject({ revised: 48, withdrawn: 0, omitted: 28 });
    expect(event?.data['changes']).toHaveLength(20);
  });

  test('is told of history, too: what was known has changed', async () => {
    await setCalendar({});
    await collect({ a: value(1, 5), b: value(2) });
    expect(await writtenTypes(store.db)).toEqual(['revision']);
  });

  test('may be made by a person who lets a cell through', async () => {
    const checked = await openStoreWith(database, {
      'core/maxExchanges': { 'cells.value.floor': { action: 'quarantine' } },
    });
    await collect({ a: value(1, -5), b: value(2) }, { by: checked });
    expect(await writtenTypes(store.db)).toEqual([]);
    const options = { args: [], all: true, reason: 'it was so', format: 'json' } as const;
    expect(await releaseCommand(contextOn(database), options)).toBe(0);
    const [event] = await writtenEvents(store.db);
    expect(event).toMatchObject({
      type: 'revision',
      data: {
        revised: 1,
        changes: [
          { key: 'a', oldValue: 1, newValue: -5, deliveryStart: `2026-01-19T23:00:00.000Z` },
        ],
      },
    });
  });
});

test('keys that come and go are told, but not those of the first answer', async () => {
  await collect({ a: value(1), b: value(1) });
  await collect({ b: value(1), c: value(1) }, { of: '2026-01-21' });
  await collect({ b: value(1), c: value(1) }, { of: '2026-01-22' });
  const events = await writtenEvents(store.db);
  expect(events.filter(({ type }) => type.endsWith('keys'))).toEqual([
    { type: 'new_keys', day: '2026-01-21', data: { keys: ['c'], omitted: 0 } },
    { type: 'vanished_keys', day: '2026-01-21', data: { keys: ['a'], omitted: 0 } },
  ]);
});

describe('nothing is written', () => {
  test('where the transaction does not come to its end', async () => {
    await collect({ a: value(1) });
    const claim = await store.claim(contract, day, 0);
    await store.claim(contract, day);
    const body = answerOf(contract, day, { a: value(9), b: value(9) });
    const { outcome } = await store.collect(contract, day, body, claim);
    expect(outcome).toBe('fenced');
    expect(await writtenTypes(store.db)).toEqual(['day_complete']);
  });

  test('of what a check has kept out', async () => {
    await collect({ a: value(1) });
    const checked = await openStoreWith(database, {
      'core/maxExchanges': { 'cells.value.floor': { action: 'refuse' } },
    });
    await collect({ a: value(-1), b: value(-1) }, { by: checked });
    await collect({ a: value(-1) }, { of: '2026-01-21', by: checked });
    expect(checked.attempts.map(({ outcome }) => outcome)).toEqual([
      'failed_check',
      'failed_check',
    ]);
    expect(await writtenTypes(store.db)).toEqual(['day_complete']);
  });

  test('unless events are on, in whichever process they were switched', async () => {
    expect(await switchOutboxOff(owner)).toBe(true);
    await collect({ a: value(1) });
    await collect({ a: value(2), b: value(2) });
    expect(await writtenTypes(store.db)).toEqual([]);
    expect(await switchOutboxOn(owner)).toBe(true);
    expect(await switchOutboxOn(owner)).toBe(false);
    await collect({ a: value(3), b: value(2) });
    expect(await writtenTypes(store.db)).toEqual(['revision']);
  });
});

test('a worker can not change what an event says, and not remove it', async () => {
  await collect({ a: value(1) });
  for (const sql of [
    `update ops.outbox set data = '{}'`,
    'update ops.outbox set id = gen_random_uuid()',
    'delete from ops.outbox',
  ]) {
    await expect(store.db.run(sql), sql).rejects.toMatchObject({ code: 'DENIED' });
  }
});
