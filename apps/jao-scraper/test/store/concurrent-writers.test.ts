import { addDays, deliveryStarts } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { beatRun, releaseClaims } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { RunTotals } from '../../src/collect/run-totals.ts';
import { verify } from '../../src/verify/verify.ts';
import { DayModel } from './day-model.ts';
import { pick, randomAnswer } from './random-answers.ts';
import type { RandomAnswer } from './random-answers.ts';
import { createJaoDatabase } from './test-database.ts';
import { contractOf, openStore, windowOf } from './test-store.ts';
import type { TestStore } from './test-store.ts';
import { backdate } from './told-stories.ts';

const writerCount = 6;
const answersPerWriter = 14;
const daysPerRun = 3;
/** More of them for a night: SLUICE_TEST_RUNS=1000; again from a seed that failed: SLUICE_TEST_SEED. */
const runs = Number(process.env['SLUICE_TEST_RUNS'] ?? 4);
const firstSeed = chooseSeed(process.env);

const datasets = [contractOf('core/maxExchanges'), contractOf('core/ltn')] as const;

interface Taken {
  readonly contract: DatasetContract;
  readonly day: BusinessDay;
  readonly attemptId: number;
  readonly withdrawn: number;
  readonly answer: RandomAnswer;
}

/** What a dataset looked like at its horizon. */
interface Seen {
  readonly contract: DatasetContract;
  readonly horizon: Date;
  readonly latest: string;
}

let database: TestDatabase;
let reader: PostgresDatabase;
let owner: PostgresDatabase;
let writers: readonly TestStore[];

beforeAll(async () => {
  database = await createJaoDatabase();
  reader = await openAs(database, 'reader', { poolSize: writerCount });
  owner = await openAs(database, 'owner');
  writers = await Promise.all(Array.from({ length: writerCount }, () => openStore(database)));
});

afterAll(async () => {
  await Promise.all([reader, owner, ...writers].map((each) => each.close()));
});

describe('six writers at once', () => {
  const seeds = Array.from({ length: runs }, (_, index) => firstSeed + index);

  test.each(seeds)(
    'any horizon gives back exactly what was shown at it, and any day its versions: seed %i',
    async (seed) => {
      const days = Array.from({ length: daysPerRun }, (_, index) =>
        addDays('2026-01-01', (seed - firstSeed) * daysPerRun + index),
      );
      const taken: Taken[] = [];
      const seen: Seen[] = [];
      await Promise.all(
        writers.map(async (writer, number) => {
          const random = createRandom(seed * writerCount + number);
          for (let count = 0; count < answersPerWriter; count++) {
            taken.push(...(await writeOnce(writer, days, random)));
            seen.push(...(await look(days)));
          }
        }),
      );
      expect(taken.length).toBeGreaterThan(writerCount);
      for (const { contract, horizon, latest } of seen) {
        expect(await asOf(reader, contract, days, horizon), horizon.toISOString()).toBe(latest);
      }
      for (const contract of datasets) {
        for (const day of days) {
          await compareWithModel(taken, contract, day);
        }
      }
      // A busy machine takes longer than the heart of a run may stand still.
      const totals = new RunTotals().value;
      await Promise.all(writers.map(({ db, runId }) => beatRun(db, { runId, totals })));
      const { differences } = await verify(owner, {
        recorded: datasets.map((contract) => ({ areNamed: true, contract, days })),
        concurrency: 1,
        nowMs: Date.parse('2026-01-01T00:00:00Z'),
        signal: new AbortController().signal,
        onDay: () => undefined,
      });
      expect(differences).toEqual({ count: 0, listed: [] });
    },
    120_000,
  );
});

/** One answer for one day, or an older doubt, so that some are confirmed. */
async function writeOnce(
  writer: TestStore,
  days: readonly BusinessDay[],
  random: () => number,
): Promise<Taken[]> {
  const contract = pick(random, datasets);
  const day = days[Math.floor(random() * days.length)] ?? '';
  if (random() < 0.1) {
    const claim = await writer.claim(contract, day);
    await backdate(owner, contract, day);
    await releaseClaims(writer.db, [claim]);
  }
  const answer = randomAnswer(contract, day, random);
  const { outcome, written } = await writer.collect(contract, day, answer.body);
  const report = writer.attempts.at(-1);
  expect(written, outcome).toBeDefined();
  return report === undefined
    ? []
    : [{ contract, day, attemptId: report.attemptId, withdrawn: report.withdrawn, answer }];
}

const allOf = (from: string): string =>
  `select coalesce(string_agg(l::text, ' ' order by l.key, l.delivery_start), '') as cells from ${from} l
   where l.region || '/' || l.dataset = $1 and l.business_day = any($2::date[])`;
const cellsRow = z.object({ cells: z.string() });

/** Looks at both datasets in one snapshot, in which latest is as of the horizon. */
async function look(days: readonly BusinessDay[]): Promise<Seen[]> {
  return reader.read(async (snapshot) => {
    const seen: Seen[] = [];
    for (const contract of datasets) {
      const { horizon } = await snapshot.row(
        z.object({ horizon: z.date().nullable() }),
        `select nullif(jao.horizon($1, $2), '-infinity') as horizon`,
        [contract.region, contract.dataset],
      );
      if (horizon === null) {
        continue;
      }
      const { cells } = await snapshot.row(cellsRow, allOf('jao.latest'), [contract.name, days]);
      expect(await asOf(snapshot, contract, days, horizon), 'in one snapshot').toBe(cells);
      const [inOrder, byDay] = ['jao.latest', 'jao.latest_by_day'].map((from) =>
        allOf(
          `(select key, delivery_start, region, dataset, unit, business_day, value, known_from from ${from})`,
        ),
      ) as [string, string];
      expect(await snapshot.row(cellsRow, byDay, [contract.name, days])).toEqual(
        await snapshot.row(cellsRow, inOrder, [contract.name, days]),
      );
      seen.push({ contract, horizon, latest: cells });
    }
    return seen;
  });
}

async function asOf(
  db: Pick<PostgresDatabase, 'row'>,
  contract: DatasetContract,
  days: readonly BusinessDay[],
  at: Date,
): Promise<string> {
  const { cells } = await db.row(cellsRow, allOf('jao.as_of($3)'), [contract.name, days, at]);
  return cells;
}

/** A day's attempts come one after the other, in the order of their numbers: its claim sees to that. */
async function compareWithModel(
  taken: readonly Taken[],
  contract: DatasetContract,
  day: BusinessDay,
): Promise<void> {
  const model = new DayModel(deliveryStarts(contract, day).length);
  const ofDay = taken.filter((each) => each.contract === contract && each.day === day);
  for (const { answer, attemptId, withdrawn } of ofDay.toSorted(
    (left, right) => left.attemptId - right.attemptId,
  )) {
    const { may, must } = model.take(answer, { attemptId, hasWithdrawn: withdrawn > 0 });
    expect([may, must], `withdrawn by attempt ${attemptId}`).toContain(withdrawn);
  }
  const stored = await reader.query(
    `select s.key, (extract(epoch from o.delivery_start) * 1000)::int8 as "startMs", o.value, o.withdrawn,
            o.attempt_id as "attemptId"
     from jao.observation o join jao.series s using (series_id)
     where s.region || '/' || s.dataset = $1 and o.delivery_start >= $2 and o.delivery_start < $3
     order by s.key, o.delivery_start, o.known_from`,
    [contract.name, ...windowOf(contract, day)],
  );
  // A stable sort leaves the versions of a cell in their order.
  const expected = model.versions.toSorted(
    (left, right) =>
      (left.key < right.key ? -1 : left.key > right.key ? 1 : 0) || left.startMs - right.startMs,
  );
  expect(stored).toEqual(expected);
}
