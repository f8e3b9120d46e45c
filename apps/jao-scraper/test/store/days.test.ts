import { daysBetween, deliveryStarts } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { DatabaseProxy, openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { answerOf, throughout } from './answers.ts';
import { dayRow, keySetsOf, shownCells } from './look.ts';
import { createJaoDatabase } from './test-database.ts';
import { contractOf, openStore } from './test-store.ts';
import type { TestStore } from './test-store.ts';

const hourly = contractOf('core/maxExchanges');
const switching = contractOf('core/scheduledExchanges');
const a = 'border_AT_BE';

let database: TestDatabase;
let store: TestStore;
let reader: PostgresDatabase;

beforeAll(async () => {
  database = await createJaoDatabase();
  store = await openStore(database);
  reader = await openAs(database, 'reader');
});

afterAll(async () => {
  await store.close();
  await reader.close();
});

const collect = (contract: typeof hourly, day: string, keys: readonly string[], value = 1) =>
  store.collect(
    contract,
    day,
    answerOf(
      contract,
      day,
      Object.fromEntries(keys.map((key) => [key, throughout(contract, day, value)])),
    ),
  );

describe('the length of a business day', () => {
  test.each([
    ['2026-03-29', 23],
    ['2026-10-25', 25],
    ['2026-07-01', 24],
  ])('%s has %i hours, and is whole with them', async (day, hours) => {
    expect(await collect(hourly, day, [a])).toMatchObject({ written: { added: hours } });
    expect(await dayRow(store.db, hourly, day)).toMatchObject({ state: 'complete', cells: hours });
    expect(await shownCells(store.db, hourly, day)).toBe(hours);
    expect(
      await store.db.query(
        `select count(*) as cells from jao.latest where business_day = $1
           and delivery_end = delivery_start + interval '1 hour'`,
        [day],
      ),
    ).toEqual([{ cells: hours }]);
  });

  test('a range over the switch to quarters of an hour has 24 cells a day, then 96', async () => {
    const days = daysBetween('2025-09-29', '2025-10-02');
    const written = [];
    for (const day of days) {
      const { written: one } = await collect(switching, day, [a]);
      written.push([one?.added, await shownCells(store.db, switching, day)]);
    }
    expect(written).toEqual([
      [24, 24],
      [24, 24],
      [96, 96],
      [96, 96],
    ]);
    expect(
      await store.db.query(
        `select distinct business_day >= '2025-10-01' as later,
                (extract(epoch from delivery_end - delivery_start) / 60)::int as minutes
         from jao.latest where dataset = 'scheduledExchanges' order by later`,
      ),
    ).toEqual([
      { later: false, minutes: 60 },
      { later: true, minutes: 15 },
    ]);
    expect(deliveryStarts(switching, '2025-10-01')).toHaveLength(96);
  });

  test('132 keys may become 150 in the middle of a range', async () => {
    const keys = Array.from({ length: 150 }, (_, index) => `border_AT_Z${String(index)}`);
    const counts = [];
    for (const day of daysBetween('2026-06-09', '2026-06-12')) {
      await collect(hourly, day, day < '2026-06-11' ? keys.slice(0, 132) : keys);
      counts.push(await shownCells(store.db, hourly, day));
      expect((await keySetsOf(store.db, hourly, day)).map((set) => set.split(' ').length)).toEqual([
        day < '2026-06-11' ? 132 : 150,
      ]);
    }
    expect(counts).toEqual([132 * 24, 132 * 24, 150 * 24, 150 * 24]);
    expect(
      await reader.query(
        'select cardinality(series_ids) as keys from jao.key_set where cardinality(series_ids) > 1 order by keys',
      ),
    ).toEqual([{ keys: 132 }, { keys: 150 }]);
  });
});

describe('what a reader is told of a day', () => {
  test('jao.day has its state, its cells and its first and newest stamp', async () => {
    const day = '2026-02-03';
    await collect(hourly, day, [a], 1);
    await collect(hourly, day, [a], 1);
    await collect(hourly, day, [a], 2);
    expect(
      await reader.query(
        `select d.state, d.cells, d.first_known = min(r.known_from) as first_is, d.last_revised = max(r.known_from) as last_is
         from jao.day d
         join (select o.known_from from jao.observation o
               where (o.delivery_start at time zone 'Europe/Amsterdam')::date = $1) r on true
         where d.business_day = $1 group by d.state, d.cells, d.first_known, d.last_revised`,
        [day],
      ),
    ).toEqual([{ state: 'complete', cells: 24, first_is: true, last_is: true }]);
  });

  test('the clock of a dataset only goes forward, and stands at its newest stamp', async () => {
    const stamps = [];
    for (let value = 0; value < 5; value++) {
      await collect(hourly, '2026-02-05', [a], value);
      const { at, newest } = await reader.row(
        z.object({ at: z.date(), newest: z.date() }),
        `select jao.horizon('core', 'maxExchanges') as at, max(known_from) as newest
           from jao.observation o join jao.series s using (series_id) where s.dataset = 'maxExchanges'`,
      );
      expect(at).toEqual(newest);
      stamps.push(at.getTime());
    }
    expect(stamps).toEqual([...new Set(stamps)].toSorted((left, right) => left - right));
  });

  test('a stored day is told to who listens, and an unchanged one is not', async () => {
    const day = '2026-02-07';
    const proxy = await DatabaseProxy.start(database.url('reader'));
    let heard = '';
    proxy.onAnswer = (answer) => {
      heard += answer.toString('latin1');
    };
    // One connection, so that it is the one that listens.
    const listener = await openAs(database, 'reader', {
      url: proxy.urlOf(database.url('reader')),
      poolSize: 1,
    });
    await listener.query('listen jao_day');
    await collect(hourly, day, [a], 1);
    await collect(hourly, day, [a], 1);
    await collect(hourly, day, [a], 2);
    await listener.query('select');
    const told = [...heard.matchAll(/jao_day\0(\{[^}]*\})\0/g)];
    const common = { region: 'core', dataset: 'maxExchanges', businessDay: day, withdrawn: 0 };
    const knownFrom: unknown = expect.stringMatching(/^2\d{3}-.*Z$/);
    expect(told.map(([, json]): unknown => JSON.parse(json ?? ''))).toMatchObject([
      { ...common, added: 24, revised: 0, knownFrom },
      { ...common, added: 0, revised: 24, knownFrom },
    ]);
    await listener.close();
    await proxy.stop();
  });

  test('revisions are counted, by dataset and kind', async () => {
    const other = contractOf('core/ltn');
    const read = () =>
      store.db.query(
        `select labels ->> 'kind' as kind, value from ops.counter
         where name = 'sluice_revisions_total' and labels ->> 'dataset' = 'core/ltn' order by kind`,
      );
    await collect(other, '2026-02-07', [a, 'border_BE_AT'], 1);
    await collect(other, '2026-02-07', [a], 2);
    expect(await read()).toEqual([
      { kind: 'added', value: 48 },
      { kind: 'value', value: 24 },
      { kind: 'withdrawn', value: 24 },
    ]);
  });
});
