import { jaoVerifyReportSchema } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, StepMinutes } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { syncCatalogue } from '../../src/store/catalogue.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { answerOf, inStepsOf, throughout } from './answers.ts';
import { contextOn } from './commands.ts';
import { contractOf } from './test-store.ts';
import type { TestStore } from './test-store.ts';
import { backdate } from './told-stories.ts';
import { useStore } from './use-store.ts';

/** Nobody knows the step of either: hours are expected of the one, quarters of an hour of the other. */
const expectedHourly = contractOf('coreID/IDCCA_maxExchanges');
const expectedQuarterly = contractOf('nordic/netPos');
const a = 'border_AT_BE';
const b = 'border_BE_AT';

let database: TestDatabase;
let store: TestStore;
let owner: PostgresDatabase;

useStore((opened) => {
  ({ database, owner, store } = opened);
});

async function collect(
  contract: DatasetContract,
  day: BusinessDay,
  minutes: StepMinutes,
  options?: Parameters<typeof answerOf>[3],
): Promise<void> {
  const answering = inStepsOf(contract, minutes);
  const cells = { [a]: throughout(answering, day, 1), [b]: throughout(answering, day, 2) };
  await store.collect(contract, day, answerOf(answering, day, cells, options));
}

/** A full answer in hours after one in quarters of them, which is believed the second time. */
async function returnToHours(contract: DatasetContract, day: BusinessDay): Promise<void> {
  await collect(contract, day, 60);
  await backdate(owner, contract, day);
  await collect(contract, day, 60);
}

const shownRow = z.object({ minutes: z.number(), cells: z.number() });

/** The lengths of what is shown of a day, as of a time, and how many cells have each. */
async function shownSteps(contract: DatasetContract, day: BusinessDay, at: Date | 'infinity') {
  return owner.rows(
    shownRow,
    `select (extract(epoch from delivery_end - delivery_start) / 60)::int as minutes, count(*) as cells
     from jao.as_of($3) where region || '/' || dataset = $1 and business_day = $2 group by 1 order by 1`,
    [contract.name, day, at],
  );
}

async function presentCells(
  contract: DatasetContract,
  day: BusinessDay,
  at: Date,
): Promise<number> {
  const { cells } = await owner.row(
    z.object({ cells: z.number() }),
    `select coalesce(sum(cells), 0)::int as cells from jao.coverage_as_of($3)
     where region || '/' || dataset = $1 and business_day = $2 and state = 'present'`,
    [contract.name, day, at],
  );
  return cells;
}

/** The stamps of a day, oldest first. */
async function stampsOf(contract: DatasetContract, day: BusinessDay): Promise<Date[]> {
  const rows = await owner.rows(
    z.object({ known_from: z.date() }),
    `select distinct r.known_from from jao.day_range r join jao.dataset d using (dataset_id)
     where d.region || '/' || d.dataset = $1 and r.business_day = $2 order by 1`,
    [contract.name, day],
  );
  return rows.map((row) => row.known_from);
}

async function differences(): Promise<readonly string[]> {
  const context = contextOn(database);
  await verifyCommand(context, { format: 'json' });
  const report = jaoVerifyReportSchema.parse(JSON.parse(context.printed()));
  return report.differences.listed
    .filter(({ check }) => check !== 'days.asked')
    .map(({ check, message }) => `${check}: ${message}`);
}

async function rebuild({ name }: DatasetContract): Promise<unknown> {
  const [row] = await owner.query(
    `select r.changed_days from jao.dataset d cross join jao.rebuild_ranges(d.dataset_id) r
     where d.region || '/' || d.dataset = $1`,
    [name],
  );
  return row;
}

test('the end of a cell follows from the step that its day had then, and so does coverage', async () => {
  const contract = expectedHourly;
  const day = '2026-01-10';
  await collect(contract, day, 60);
  await collect(contract, day, 15);
  await returnToHours(contract, day);
  const [hours, quarters, hoursAgain] = await stampsOf(contract, day);
  expect([
    await shownSteps(contract, day, hours ?? new Date(0)),
    await shownSteps(contract, day, quarters ?? new Date(0)),
    await shownSteps(contract, day, hoursAgain ?? new Date(0)),
    await shownSteps(contract, day, 'infinity'),
  ]).toEqual([
    [{ minutes: 60, cells: 48 }],
    [{ minutes: 15, cells: 192 }],
    [{ minutes: 60, cells: 48 }],
    [{ minutes: 60, cells: 48 }],
  ]);
  expect([
    await presentCells(contract, day, hours ?? new Date(0)),
    await presentCells(contract, day, quarters ?? new Date(0)),
    await presentCells(contract, day, hoursAgain ?? new Date(0)),
  ]).toEqual([48, 192, 48]);
  expect(await rebuild(contract)).toEqual({ changed_days: 0 });
});

test.each([
  ['hours, where quarters of them come', expectedHourly, 15, 4 * 24],
  ['quarters of an hour, where hours come', expectedQuarterly, 60, 24],
] as const)('what is expected is no more than that: %s', async (_, contract, minutes, cells) => {
  const day = '2026-01-12';
  await collect(contract, day, minutes);
  expect(await shownSteps(contract, day, 'infinity')).toEqual([{ minutes, cells: 2 * cells }]);
  const [stamp] = await stampsOf(contract, day);
  expect(await presentCells(contract, day, stamp ?? new Date(0))).toBe(2 * cells);
});

test('a day of 25 hours, and one with a gap, have the step of their rows', async () => {
  await collect(expectedHourly, '2025-10-26', 15);
  await collect(expectedHourly, '2026-01-13', 15, { withoutRows: [1, 50, 51] });
  expect(await shownSteps(expectedHourly, '2025-10-26', 'infinity')).toEqual([
    { minutes: 15, cells: 200 },
  ]);
  const [stamp] = await stampsOf(expectedHourly, '2026-01-13');
  expect(await presentCells(expectedHourly, '2026-01-13', stamp ?? new Date(0))).toBe(2 * 93);
});

test('a documented step stays what it is, whatever comes', async () => {
  const contract = contractOf('core/netPos');
  await collect(contract, '2026-01-12', 60);
  expect(await shownSteps(contract, '2026-01-12', 'infinity')).toEqual([
    { minutes: 15, cells: 48 },
  ]);
  expect(
    await owner.query(
      `select distinct dd.step from jao.dataset_day dd join jao.dataset d using (dataset_id)
       where not d.step_is_assumed`,
    ),
  ).toEqual([{ step: null }]);
});

test('what an older app stores after this one has the step of its ranges', async () => {
  const day = '2026-01-14';
  await collect(expectedHourly, day, 15);
  // It knows nothing of the step, and leaves it as it was with a stamp before.
  await owner.run(
    `update jao.dataset_day set step = '1 hour', step_known_from = last_known_from - interval '1 ms'
     where business_day = $1 and step is not null`,
    [day],
  );
  expect(await shownSteps(expectedHourly, day, 'infinity')).toEqual([{ minutes: 15, cells: 192 }]);
  expect(await rebuild(expectedHourly)).toEqual({ changed_days: 1 });
});

test('a database of an older app is told the steps of its days with the new catalogue', async () => {
  const contract = expectedHourly;
  await owner.run(`update jao.dataset set step_is_assumed = false, catalogue_version = 0`);
  await rebuild(contract);
  expect(await shownSteps(contract, '2026-01-12', 'infinity')).toEqual([
    { minutes: 60, cells: 192 },
  ]);
  await syncCatalogue(owner);
  expect(await shownSteps(contract, '2026-01-12', 'infinity')).toEqual([
    { minutes: 15, cells: 192 },
  ]);
  const [, quarters] = await stampsOf(contract, '2026-01-10');
  expect(await shownSteps(contract, '2026-01-10', quarters ?? new Date(0))).toEqual([
    { minutes: 15, cells: 192 },
  ]);
  expect(await differences()).toEqual([]);
});

test('verify finds a step that is not the one of the cells, and a day read again has its own', async () => {
  const day = '2026-01-15';
  await collect(expectedHourly, day, 15);
  await owner.run(`update jao.dataset_day set step = '1 hour' where business_day = $1`, [day]);
  expect(await differences()).toEqual(['days.recorded: step 60 instead of 15']);
  await owner.run(
    `delete from jao.observation where (delivery_start at time zone 'Europe/Amsterdam')::date = $1`,
    [day],
  );
  await owner.run('delete from jao.day_range where business_day = $1', [day]);
  await reparseCommand(contextOn(database), {
    dataset: [expectedHourly.name],
    from: day,
    to: day,
    format: 'json',
  });
  expect(await shownSteps(expectedHourly, day, 'infinity')).toEqual([{ minutes: 15, cells: 192 }]);
  expect(await differences()).toEqual([]);
});
