import { fileCompletenessRowSchema, votesCoverageSchema } from '@sluice/schemas';
import type { VotesCoverage } from '@sluice/schemas';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { coverageCommand } from '../../src/file-coverage/coverage-command.ts';
import { ingestCommand } from '../../src/ingest/ingest-command.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import { unloadCommand } from '../../src/unload/unload-command.ts';
import { checksOf, voteSuite } from '@sluice/schemas/expectations';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';

const plan = {
  file: 'votes-{date}.jsonl*',
  from: '2021-09-01',
  until: '2021-09-06',
  except: ['2021-09-04'],
  dueTime: '06:00',
  zone: 'Europe/Amsterdam',
  grace: '2h',
  giveUp: '14d',
};

const lineOf = (id: number, day: string): string =>
  JSON.stringify({ Id: id, PostId: 1, VoteTypeId: 2, CreationDate: day });

/** A warehouse that has looked into a folder at a time. */
async function ingestAt(warehouse: LoadedWarehouse, inputs: readonly string[], now: string) {
  return ingest({
    inputs,
    warehouse: { path: warehouse.path, lockTimeoutMs: 0 },
    policy: 'last',
    gate: undefined,
    checks: checksOf(voteSuite, 'batch'),
    signal: new AbortController().signal,
    now: () => new Date(now),
  });
}

/** What was recorded last gets another time; else it has that of the database's clock. */
async function recordedAt(warehouse: LoadedWarehouse, instant: string): Promise<void> {
  await warehouse.run(
    `update ops.file set recorded_at = '${instant}' where recorded_at > timestamptz '2022-01-01'`,
  );
}

async function coverageAt(
  warehouse: LoadedWarehouse,
  now: string,
  options: {
    readonly arrivals?: object | undefined;
    readonly coverageActions?: object;
    readonly from?: string;
    readonly to?: string;
    readonly asOf?: string;
  },
): Promise<{ readonly exitCode: number; readonly coverage: VotesCoverage; readonly said: string }> {
  const { arrivals, coverageActions, ...asked } = options;
  const config = await configOf(warehouse, { arrivals, coverageActions });
  const flags = arrivals === undefined ? {} : { config };
  const context = fakeContext(warehouse.path, { flags, now: () => new Date(now) });
  const exitCode = await coverageCommand(context, { ...asked, format: 'json' });
  const document: unknown = JSON.parse(context.printed());
  const coverage = votesCoverageSchema.parse(document);
  expect(coverage).toEqual(document);
  return { exitCode, coverage, said: context.said() };
}

async function configOf(warehouse: LoadedWarehouse, settings: object): Promise<string> {
  return warehouse.write('settings.json', [JSON.stringify(settings)]);
}

describe('coverage', () => {
  test('without a plan tells days, weeks and gaps, and that nothing is expected', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      const days = ['2021-01-01', '2021-01-02', '2021-01-05', '2021-02-01'];
      await warehouse.load(
        'votes.jsonl',
        days.map((day, index) => lineOf(index + 1, day)),
      );
      const { exitCode, coverage, said } = await coverageAt(warehouse, '2021-03-01', {});
      expect(exitCode).toBe(0);
      expect(said).toContain('no files are expected');
      expect(coverage).toMatchObject({
        outcome: 'complete',
        days: {
          first: '2021-01-01',
          last: '2021-02-01',
          observed: 4,
          missing: 28,
          gaps: [
            { first: '2021-01-03', last: '2021-01-04', days: 2 },
            { first: '2021-01-06', last: '2021-01-31', days: 26 },
          ],
        },
        weeks: { first: { year: 2021, week: 0 }, last: { year: 2021, week: 5 }, observed: 3 },
        arrivals: null,
        files: [],
      });
      expect(coverage.weeks.missing).toBe(3);
      const part = await coverageAt(warehouse, '2021-03-01', {
        from: '2021-01-02',
        to: '2021-01-31',
      });
      expect(part.coverage.days).toMatchObject({ observed: 2, missing: 2 });
    });
  });

  test('gives each expected file one state', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      const incoming = join(folder, 'in');
      await mkdir(incoming);
      await warehouse.write('in/votes-2021-09-01.jsonl', [lineOf(1, '2021-09-01')]);
      await warehouse.write('in/votes-2021-09-02.jsonl', ['no,json', 'at,all']);
      await ingestAt(warehouse, [incoming], '2021-09-04T05:00:00Z');
      const statesAt = async (now: string) => {
        const { exitCode, coverage } = await coverageAt(warehouse, now, { arrivals: plan });
        return [exitCode, ...coverage.files.map(({ state }) => state)];
      };
      // The third is due on the 4th at 04:00 UTC, and missing from 06:00 on.
      expect(await statesAt('2021-09-04T03:59:59Z')).toEqual([
        ...[3, 'present', 'quarantined', 'not_due', 'not_expected', 'not_due'],
      ]);
      expect(await statesAt('2021-09-04T05:59:59Z')).toEqual([
        ...[3, 'present', 'quarantined', 'late', 'not_expected', 'not_due'],
      ]);
      // Somebody looked at 05:00, after it was due.
      expect((await statesAt('2021-09-04T06:00:00Z')).slice(0, 4)).toEqual([
        ...[3, 'present', 'quarantined', 'not_provided'],
      ]);
      // Nobody has looked since the fifth was due.
      expect(await statesAt('2021-09-06T06:00:00Z')).toEqual([
        ...[
          3,
          'present',
          'quarantined',
          'not_provided',
          'not_expected',
          'not_collected',
          'not_due',
        ],
      ]);
      await warehouse.write('in/votes-2021-09-03.jsonl', [lineOf(3, '2021-09-03')]);
      await ingestAt(warehouse, [join(incoming, '*.jsonl')], '2021-09-06T05:00:00Z');
      expect(await statesAt('2021-09-06T06:00:00Z')).toEqual([
        ...[3, 'present', 'quarantined', 'present', 'not_expected', 'not_provided', 'not_due'],
      ]);
      // What is given up is told, and falls short no longer.
      const late = await coverageAt(warehouse, '2021-10-06T06:00:00Z', { arrivals: plan });
      expect(late.exitCode).toBe(0);
      expect(late.coverage.arrivals?.byState).toMatchObject({ present: 2, quarantined: 1 });
      expect(late.coverage.files.filter(({ isGivenUp }) => isGivenUp)).toHaveLength(3);
    });
  });

  test('tells the days and weeks that are due after the last vote, and what is not due yet', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      // A Wednesday and the Friday after it.
      const lines = [lineOf(1, '2021-09-01'), lineOf(2, '2021-09-03')];
      await warehouse.load('votes.jsonl', lines);
      const arrivals = { ...plan, until: undefined };
      const now = '2021-09-22T12:00:00Z';
      const { coverage, said } = await coverageAt(warehouse, now, { arrivals });
      // The 4th is excepted; the 5th is of the same week; the 6th, 13th and 20th are Mondays.
      expect(coverage.days).toMatchObject({ last: '2021-09-03', missing: 1, dueAfter: 17 });
      expect(coverage.weeks).toMatchObject({ observed: 1, missing: 0, dueAfter: 3 });
      expect(said).toBe('');
      const part = await coverageAt(warehouse, now, { arrivals, to: '2021-09-07' });
      expect(part.coverage.days.dueAfter).toBe(3);
      const unplanned = await coverageAt(warehouse, now, {});
      expect(unplanned.coverage.days.dueAfter).toBeNull();
      const tomorrow = await coverageAt(warehouse, now, { from: '2021-09-23' });
      expect(tomorrow.said).toContain('today is 2021-09-22: up to --from 2021-09-23 there is');
      const flags = { config: await configOf(warehouse, { arrivals }) };
      const table = fakeContext(warehouse.path, { flags, now: () => new Date(now) });
      await coverageCommand(table, { format: 'table' });
      expect(table.printed()).toMatch(/due after the last │\n.*\n│ days .* 17 │\n│ weeks .* 3 │\n/);

      const future = { arrivals, from: '2021-12-01', to: '2021-12-31' };
      expect((await coverageAt(warehouse, now, future)).said).toContain(
        '--to 2021-12-31: nothing after 2021-09-21 is due yet',
      );
      const begun = await coverageAt(warehouse, '2021-08-01T00:00:00Z', {
        arrivals,
        from: '2021-10-01',
      });
      expect(begun.said).toContain('--from 2021-10-01: nothing is due yet');
    });
  });

  test('says of no day that is covered, and of none after the plan, that it is to come', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      await warehouse.load('votes.jsonl', [lineOf(1, '2021-09-10')]);
      const now = '2021-09-12T12:00:00Z';
      const covered = await coverageAt(warehouse, '2021-09-05T12:00:00Z', {
        arrivals: plan,
        from: '2021-09-10',
      });
      expect(covered.coverage.days.observed).toBe(1);
      expect(covered.said).toBe('');
      const ended = await coverageAt(warehouse, now, { arrivals: plan, from: '2021-09-11' });
      expect(ended.said).toBe('');
      const unplanned = await coverageAt(warehouse, '2021-09-05T12:00:00Z', { from: '2021-09-10' });
      expect(unplanned.said).not.toContain('nothing yet');
    });
  });

  test('takes no look at other files for a look at these', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      await mkdir(join(folder, 'other'));
      await warehouse.write('other/dump.jsonl', [lineOf(1, '2021-09-01')]);
      await ingestAt(warehouse, [join(folder, 'other')], '2021-09-03T12:00:00Z');
      const { coverage } = await coverageAt(warehouse, '2021-09-03T12:00:00Z', { arrivals: plan });
      expect(coverage.files[0]).toMatchObject({ state: 'not_collected' });
    });
  });

  test('expects a file again whose rows were unloaded', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      await warehouse.load('votes-2021-09-01.jsonl', [lineOf(1, '2021-09-01')]);
      await warehouse.run(
        `update ops.file set outcome = 'unloaded', unloaded_rows = 1`,
        'delete from blog_analysis.votes',
      );
      const { coverage } = await coverageAt(warehouse, '2021-09-02T12:00:00Z', { arrivals: plan });
      expect(coverage.files[0]).toMatchObject({ state: 'not_collected' });
      expect(coverage.files[0]?.reason).toContain('was unloaded');
    });
  });

  test('is in the status file, with the next file that is due', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      const path = await warehouse.write('votes-2021-09-01.jsonl', [lineOf(1, '2021-09-01')]);
      const statusWith = async (coverageActions: object) => {
        const config = await configOf(warehouse, { arrivals: plan, coverageActions });
        const now = () => new Date('2021-09-03T12:00:00Z');
        const context = fakeContext(warehouse.path, { flags: { config }, now });
        await ingestCommand(context, { args: [path], format: 'json' });
        return warehouse.status();
      };
      const status = await statusWith({});
      expect(status.arrivals).toMatchObject({
        file: plan.file,
        byState: { present: 1, not_collected: 1, not_due: 1 },
        missing: [{ name: 'votes-2021-09-02.jsonl*', state: 'not_collected' }],
        next: {
          name: 'votes-2021-09-03.jsonl*',
          dueAt: '2021-09-04T04:00:00.000Z',
          missingAt: '2021-09-04T06:00:00.000Z',
        },
      });
      const accepting = await statusWith({ votes: { not_collected: 'accept' } });
      expect(accepting.arrivals).toMatchObject({ byState: { not_collected: 1 }, missing: [] });
    });
  });

  test('as of a past time is what was known then', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      const incoming = join(folder, 'in');
      await mkdir(incoming);
      const first = await warehouse.write('in/votes-2021-09-01.jsonl', [
        lineOf(1, '2021-09-01'),
        lineOf(2, '2021-09-01'),
      ]);
      await ingestAt(warehouse, [incoming], '2021-09-03T12:00:00Z');
      await recordedAt(warehouse, '2021-09-03T12:00:00Z');
      // The second comes late, and takes the Id of a vote of the first.
      await warehouse.write('in/votes-2021-09-02.jsonl', [
        lineOf(2, '2021-08-30'),
        lineOf(3, '2021-09-02'),
      ]);
      await ingestAt(warehouse, [incoming], '2021-09-05T12:00:00Z');
      await recordedAt(warehouse, '2021-09-05T12:00:00Z');
      const asOf = '2021-09-03T13:00:00Z';
      const later = await coverageAt(warehouse, '2021-09-06T00:00:00Z', { arrivals: plan, asOf });
      const then = await coverageAt(warehouse, asOf, { arrivals: plan, asOf });
      expect(later.coverage).toEqual(then.coverage);
      expect(later.coverage).toMatchObject({
        at: '2021-09-03T13:00:00.000Z',
        days: { first: '2021-09-01', last: '2021-09-01', observed: 1 },
        arrivals: { completeness: 0.5, collectionRate: 1 },
      });
      expect(later.coverage.files.map(({ state }) => state)).toEqual([
        ...['present', 'not_provided', 'not_due', 'not_expected'],
      ]);
      const before = await coverageAt(warehouse, '2021-09-06T00:00:00Z', {
        arrivals: plan,
        asOf: '2021-09-01T00:00:00Z',
      });
      expect(before.coverage.days).toMatchObject({ first: null, observed: 0 });
      expect(before.exitCode).toBe(0);
      // What is unloaded now was there then; its votes nobody knows any more.
      await unloadCommand(fakeContext(warehouse.path), {
        args: [first],
        force: true,
        format: 'json',
      });
      const unloaded = await coverageAt(warehouse, '2099-09-06T00:00:00Z', {
        arrivals: plan,
        asOf,
      });
      expect(unloaded.coverage.files.map(({ state }) => state).slice(0, 2)).toEqual([
        ...['present', 'not_provided'],
      ]);
      expect(unloaded.said).toContain('1 votes that were there then were unloaded since');
    });
  });

  test('of a day tells completeness, and apart from it how much of what the source had came', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      const incoming = join(folder, 'in');
      await mkdir(incoming);
      await warehouse.write('in/votes-2021-09-01.jsonl', [lineOf(1, '2021-09-01')]);
      await warehouse.write('in/votes-2021-09-02.jsonl', ['no,json', 'at,all']);
      await ingestAt(warehouse, [incoming], '2021-09-04T05:00:00Z');
      const config = await configOf(warehouse, { arrivals: plan });
      const context = fakeContext(warehouse.path, {
        flags: { config },
        now: () => new Date('2021-09-06T06:00:00Z'),
      });
      const asked = { completeness: true, to: '2021-09-05' };
      expect(await coverageCommand(context, { ...asked, format: 'json' })).toBe(3);
      const document: unknown = JSON.parse(context.printed());
      const rows = z.array(fileCompletenessRowSchema).parse(document);
      expect(rows).toEqual(document);
      expect(rows.map((row) => [row.day, row.completeness, row.collectionRate])).toEqual([
        ['2021-09-01', 1, 1],
        ['2021-09-02', 0, 1],
        ['2021-09-03', 0, null],
        ['2021-09-04', null, null],
        ['2021-09-05', 0, 0],
      ]);
      expect(rows[2]).toMatchObject({ dataset: 'votes', files: 1, notProvided: 1, present: 0 });
      const { coverage } = await coverageAt(warehouse, '2021-09-06T06:00:00Z', { arrivals: plan });
      expect(coverage.arrivals).toMatchObject({ completeness: 1 / 4, collectionRate: 2 / 3 });
    });
  });

  test('exits with 3 for what is configured to alert, and not for what is accepted', async () => {
    await withTemporaryFolder(async (folder) => {
      const warehouse = new LoadedWarehouse(folder);
      await warehouse.load('votes-2021-09-01.jsonl', [lineOf(1, '2021-09-01')]);
      const now = '2021-09-03T12:00:00Z';
      const short = await coverageAt(warehouse, now, { arrivals: plan });
      expect(short.exitCode).toBe(3);
      expect(short.coverage.files[1]).toMatchObject({
        state: 'not_collected',
        actions: ['alert'],
      });
      const accepted = await coverageAt(warehouse, now, {
        arrivals: plan,
        coverageActions: { votes: { not_collected: 'accept' } },
      });
      expect(accepted.exitCode).toBe(0);
      expect(accepted.coverage).toMatchObject({ outcome: 'complete' });
      expect(accepted.coverage.files[1]).toMatchObject({ actions: ['accept'] });
      const strict = await coverageAt(warehouse, '2021-09-02T12:00:00Z', {
        arrivals: plan,
        coverageActions: { default: { not_due: 'alert' } },
      });
      expect(strict.exitCode).toBe(3);
    });
  });

  test.each([
    [{ default: { late: 're-ask' } }, 'default.late: must be one of alert, accept'],
    [{ jao: { late: 'accept' } }, 'there is no dataset "jao"'],
    [{ default: { withdrawn: 'accept' } }, 'there is no state "withdrawn" among not_expected'],
  ])('refuses the actions %j', async (coverageActions, problem) => {
    await withTemporaryFolder(async (folder) => {
      const config = await configOf(new LoadedWarehouse(folder), { coverageActions });
      expect(() => fakeContext('/no/such.db', { flags: { config } })).toThrow(problem);
    });
  });

  test.each([
    [{ asOf: 'yesterday' }, '--as-of: "yesterday" is no instant'],
    [{ asOf: '2999-01-01T00:00:00Z' }, 'still to come'],
    [{ from: '2021-02-30' }, '--from'],
    [{ from: '2021-02-02', to: '2021-02-01' }, 'is before --from'],
  ])('is refused with %j', async (range, problem) => {
    await expect(
      coverageCommand(fakeContext('/no/such.db'), { ...range, format: 'table' }),
    ).rejects.toMatchObject({ message: expect.stringContaining(problem) as string, exitCode: 2 });
  });
});
