import { businessDayBounds } from '@sluice/schemas/jao';
import type { BusinessDay } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { expect } from 'vitest';
import { z } from 'zod';

import { periodOf } from './scenario.ts';
import type { Case } from './scenario.ts';

type Where = Pick<Case, 'contract' | 'simulator' | 'from' | 'to' | 'days'>;

const cellRow = z.object({
  day: z.string(),
  key: z.string(),
  startMs: z.number(),
  value: z.number().nullable(),
});
const countRow = z.object({ day: z.string(), cells: z.number() });

/** The stored series are the truth, cell by cell: keys, delivery starts, values and nulls. */
export async function expectTruth(db: Queryable, where: Where): Promise<void> {
  const rows = await readRows(db, where);
  const stored = new Map(rows.map((row) => [nameOf(row), row.value]));
  expect(stored.size).toBe(rows.length);
  const truth = truthOf(where);
  // Compared in this way first: a difference of two maps of 100,000 cells is nothing to read.
  const wrong = [...truth].filter(([cell, value]) => !Object.is(stored.get(cell), value));
  const tooMuch = [...stored.keys()].filter((cell) => !truth.has(cell));
  expect({ wrong: wrong.slice(0, 5), tooMuch: tooMuch.slice(0, 5) }).toEqual({
    wrong: [],
    tooMuch: [],
  });
  expect(stored.size).toBe(truth.size);
}

/** How a stored day differs from the truth, in cells. */
export interface Difference {
  readonly missing: number;
  readonly wrong: number;
  readonly extra: number;
}

/** How each day differs from the truth. */
export async function compareDays(
  db: Queryable,
  where: Where,
): Promise<ReadonlyMap<BusinessDay, Difference>> {
  const stored = Map.groupBy(await readRows(db, where), ({ day }) => day);
  return new Map(
    where.days.map((day) => {
      const truth = truthOf({ ...where, from: day, to: day });
      const rows = stored.get(day) ?? [];
      const found = rows.filter((row) => truth.has(nameOf(row)));
      const wrong = found.filter((row) => !Object.is(truth.get(nameOf(row)), row.value));
      return [
        day,
        {
          missing: truth.size - found.length,
          wrong: wrong.length,
          extra: rows.length - found.length,
        },
      ];
    }),
  );
}

/** Each day has all of its cells or none; gives how many have all. */
export async function expectWholeDays(db: Queryable, where: Where): Promise<number> {
  const expected = cellsByDay(where);
  const found = await countCells(db, where);
  for (const [day, cells] of found) {
    expect({ day, cells }).toEqual({ day, cells: expected.get(day) });
  }
  return found.size;
}

/** Every cell has one version: nothing was stored twice. */
export async function expectSingleVersions(db: Queryable, where: Where): Promise<void> {
  const { fromMs, toMs } = periodOf(where);
  const { versions } = await db.row(
    z.object({ versions: z.number() }),
    'select count(*)::int4 as versions from jao.observation where delivery_start >= $1 and delivery_start < $2',
    [new Date(fromMs), new Date(toMs)],
  );
  expect(versions).toBe(truthOf(where).size);
}

/**
 * Reads the days again and again, as a trader would, until it is told to stop: gives how often it
 * looked, and fails if it ever saw part of a day.
 */
export function watchWholeDays(
  db: Queryable,
  where: Where,
): { readonly stop: () => Promise<number> } {
  let isStopped = false;
  const expected = cellsByDay(where);
  const look = async (): Promise<number> => {
    let looks = 0;
    while (!isStopped) {
      // One statement, and so one moment, for a few days; another few the next time.
      const first = (looks * 5) % where.days.length;
      const days = where.days.slice(first, first + 5);
      const found = await countCells(db, {
        ...where,
        from: days.at(0) ?? where.from,
        to: days.at(-1) ?? where.to,
      });
      for (const [day, cells] of found) {
        if (cells !== expected.get(day)) {
          throw new Error(`${day}: a reader saw ${cells} of ${String(expected.get(day))} cells`);
        }
      }
      looks += 1;
    }
    return looks;
  };
  const looking = look();
  // It is waited for in the end.
  looking.catch(() => undefined);
  return {
    stop: () => {
      isStopped = true;
      return looking;
    },
  };
}

async function readRows(db: Queryable, where: Where): Promise<z.infer<typeof cellRow>[]> {
  const { region, dataset } = where.contract;
  return db.rows(
    cellRow,
    `select business_day as day, key, (extract(epoch from delivery_start) * 1000)::int8 as "startMs",
            value
       from jao.latest
      where region = $1 and dataset = $2 and business_day between $3 and $4`,
    [region, dataset, where.from, where.to],
  );
}

function nameOf({ startMs, key }: { readonly startMs: number; readonly key: string }): string {
  return `${startMs} ${key}`;
}

async function countCells(
  db: Queryable,
  { contract, from, to }: Where,
): Promise<ReadonlyMap<BusinessDay, number>> {
  const rows = await db.rows(
    countRow,
    `select business_day as day, count(*)::int4 as cells from jao.latest
      where region = $1 and dataset = $2 and business_day between $3 and $4 group by 1`,
    [contract.region, contract.dataset, from, to],
  );
  return new Map(rows.map(({ day, cells }) => [day, cells]));
}

function truthOf(
  where: Pick<Where, 'contract' | 'simulator' | 'from' | 'to'>,
): ReadonlyMap<string, number | null> {
  const { fromMs, toMs } = periodOf(where);
  const cells = new Map<string, number | null>();
  for (const row of where.simulator.truth(where.contract.name, fromMs, toMs)) {
    for (const [key, value] of row.values) {
      cells.set(nameOf({ startMs: row.deliveryStartMs, key }), value);
    }
  }
  return cells;
}

function cellsByDay({ contract, simulator, days }: Where): ReadonlyMap<BusinessDay, number> {
  return new Map(
    days.map((day) => {
      const { startMs, endMs } = businessDayBounds(contract, day);
      const rows = simulator.truth(contract.name, startMs, endMs);
      return [day, rows.reduce((sum, { values }) => sum + values.size, 0)];
    }),
  );
}
