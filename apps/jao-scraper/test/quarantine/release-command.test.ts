import type { QuarantineDecisionReport } from '@sluice/schemas';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { checkSettingsSchema } from '../../src/checks/check-settings.ts';
import type { DecideCommandOptions } from '../../src/quarantine/decide-entries.ts';
import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { quarantineCommand } from '../../src/quarantine/list-command.ts';
import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { answerOf, throughout } from '../store/answers.ts';
import type { AnswerOptions, Cell } from '../store/answers.ts';
import { contextOn } from '../store/commands.ts';
import { coverageStates } from '../store/look.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedDatabase } from '../store/use-store.ts';
import { cellsWith, entriesOf, idsOf } from './entries.ts';
import { expectAgreed, firstVersions, releaseEntries, tryRelease } from './releases.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-01-20';
const floor = { 'core/maxExchanges': { 'cells.value.floor': { action: 'quarantine' } } };
const why = 'so much was exchanged';

let database: TestDatabase;
let owner: PostgresDatabase;
let store: TestStore;

beforeEach(async () => {
  ({ database, owner } = await openOwnedDatabase());
  store = await openChecked(floor);
});

async function openChecked(settings: unknown): Promise<TestStore> {
  const opened = await openStore(database, {}, checkSettingsSchema.parse(settings));
  onTestFinished(() => opened.close());
  return opened;
}

/** Collects a day of two keys, of which the first has some odd values, by row. */
async function collect(
  odd: Readonly<Record<number, Cell>>,
  { of = day, by = store, ...options }: AnswerOptions & { of?: string; by?: TestStore } = {},
) {
  const cells = { a: cellsWith(contract, of, odd), b: throughout(contract, of, 2) };
  return by.collect(contract, of, answerOf(contract, of, cells, options));
}

const release = (options: Partial<DecideCommandOptions>): Promise<QuarantineDecisionReport> =>
  releaseEntries(database, options);
const refusedRelease = (args: readonly string[]): Promise<unknown> => tryRelease(database, args);
const versions = (): Promise<(number | null)[]> => firstVersions(owner, day);
const expectVerified = (from = day, to = from): Promise<void> => expectAgreed(database, from, to);

describe('quarantine release', () => {
  test('makes a version of a cell that a check held back, stamped now, and says who and why', async () => {
    await collect({ 0: -5, 1: -6 });
    expect(await coverageStates(owner, day)).toEqual({ present: 46, quarantined: 2 });
    await expectVerified();

    const report = await release({ args: ['1'] });

    expect(report).toMatchObject({ state: 'released', entries: 1, by: 'anna', reason: why });
    expect(await entriesOf(owner)).toEqual([
      { id: 1, state: 'released', by: 'anna', why },
      { id: 2, state: 'open', by: null, why: null },
    ]);
    expect(await versions()).toEqual([-5]);
    expect(await coverageStates(owner, day)).toEqual({ present: 47, quarantined: 1 });
    const [stamp] = await owner.query(
      `select o.known_from = q.decided_at as same, o.known_from > a.known_from as later, r.command, r.outcome,
              r.accepted
         from ops.quarantine q join ops.attempt a using (attempt_id) join ops.run r on r.run_id = decision_run_id
         join jao.observation o on o.value = -5 where q.quarantine_id = 1`,
    );
    expect(stamp).toEqual({
      ...{ same: true, later: true, command: 'quarantine release', outcome: 'succeeded' },
      accepted: 1,
    });
    await expectVerified();
  });

  test('is seen from its stamp on: before, the cell was in quarantine', async () => {
    await collect({ 0: -5 });
    await release({ args: ['1'] });
    const rows = await owner.query(
      `select (select count(*)::int from jao.as_of(q.decided_at) where value = -5) as shown,
              (select count(*)::int from jao.as_of(q.decided_at - interval '1 ms') where value = -5) as before,
              (select sum(cells)::int from jao.coverage_as_of(q.decided_at - interval '1 ms')
                where business_day = $1 and state = 'quarantined') as quarantined
         from ops.quarantine q`,
      [day],
    );
    expect(rows).toEqual([{ shown: 1, before: 0, quarantined: 1 }]);
  });

  test('is not taken back by answers with the same value; another value is checked anew', async () => {
    await collect({ 0: -5 });
    await release({ args: ['1'] });

    await collect({ 0: -5 });
    expect((await collect({ 0: -5 }, { firstId: 9000 })).written).toMatchObject({
      ...{ added: 0, revised: 0, quarantined: 0 },
    });
    expect(await versions()).toEqual([-5]);
    await expectVerified();

    await collect({ 0: -7 });
    expect(await versions()).toEqual([-5]);
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual(['released', 'open']);
    await expectVerified();

    await collect({ 0: 7 });
    await collect({ 0: -5 }, { firstId: 5000 });
    expect(await versions()).toEqual([-5, 7]);
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual([
      ...['released', 'replayed', 'open'],
    ]);
    await expectVerified();
    await release({ args: ['3'] });
    expect(await versions()).toEqual([-5, 7, -5]);
    await expectVerified();
  });

  test('of a revision adds a version to the one that stayed', async () => {
    await collect({ 0: 50 });
    await collect({ 0: -1, 1: 61 });
    expect(await versions()).toEqual([50]);
    await release({ args: ['1'] });
    expect(await versions()).toEqual([50, -1]);
    await expectVerified();
  });

  test('of the only cells of a key makes it a key of the day', async () => {
    const cells = { a: throughout(contract, day, -1), b: throughout(contract, day, 2) };
    await store.collect(contract, day, answerOf(contract, day, cells));
    await release({ all: true, key: ['a'], dataset: [contract.name] });
    expect(await coverageStates(owner, day)).toEqual({ present: 48 });
    expect((await entriesOf(owner)).every(({ state }) => state === 'released')).toBe(true);
    await collect({ 0: -1 }, { firstId: 7000 });
    await expectVerified();
  });

  test('of an answer whose missing rows are doubted leaves the doubt, and the day agrees', async () => {
    await collect({ 0: 50 });
    expect((await collect({ 0: -5 }, { withoutRows: [22, 23], firstId: 2000 })).outcome).toBe(
      'deferred',
    );
    await release({ args: await idsOf(owner, '-5') });
    expect(await versions()).toEqual([50, -5]);
    expect(await coverageStates(owner, day)).toEqual({ present: 48 });
    await expectVerified();
    await collect({ 0: 50 });
    expect(await versions()).toEqual([50, -5, 50]);
    await expectVerified();
  });

  test('takes a filter with --all, over several days, in one go', async () => {
    await collect({ 0: -5 });
    await collect({ 0: -5, 1: 'n/a' }, { of: '2026-01-21' });
    await collect({ 0: -5 }, { of: '2026-01-22' });
    expect(
      await release({ all: true, check: 'cells.value.floor', to: '2026-01-21' }),
    ).toMatchObject({ entries: 2 });
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual([
      ...['released', 'open', 'released', 'open'],
    ]);
    await expectVerified(day, '2026-01-22');
  });

  test.each<[string, string, RegExp]>([
    ['what broke its contract', '"n/a"', /entry \d+ broke its contract \(not_a_number\)/],
    ['what is not there', 'nothing', /there is no entry 100000\. Nothing was released/],
    ['what was decided', '-6', /entry \d+ was discarded before, by ben/],
    ['what the last answer does not say any more', '-5', /entry \d+ is not what the last answer/],
  ])('is refused for %s, and nothing of the call is done', async (_, raw, message) => {
    await collect({ 0: -5, 1: 'n/a', 2: -6, 3: -7 });
    const discarding = { args: await idsOf(owner, '-6'), by: 'ben', reason: why } as const;
    await discardCommand(contextOn(database), { ...discarding, format: 'json' });
    await collect({ 0: -9, 1: 'n/a', 2: -6, 3: -7 });
    const args = raw === 'nothing' ? ['100000'] : await idsOf(owner, raw);
    await expect(refusedRelease([...args, ...(await idsOf(owner, '-7'))])).rejects.toThrow(message);
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual([
      ...['open', 'open', 'discarded', 'open', 'open'],
    ]);
    await expectVerified();
  });

  test('is refused where a payload is gone', async () => {
    await collect({ 0: -5 });
    await owner.query('delete from ops.payload');
    await expect(refusedRelease(['1'])).rejects.toThrow(
      /core\/maxExchanges 2026-01-20: the payload .* is not there\. Nothing was released/,
    );
  });

  test('waits for whoever collects the day', async () => {
    await collect({ 0: -5 });
    const claim = await store.claim(contract, day);
    const waiting = release({ args: ['1'] });
    const cells = { a: cellsWith(contract, day, { 0: -5, 1: 3 }), b: throughout(contract, day, 2) };
    await store.collect(contract, day, answerOf(contract, day, cells), claim);
    expect(await waiting).toMatchObject({ entries: 1 });
    await expectVerified();
  });

  test('and discard and replay at once: each entry is decided once', async () => {
    for (const of of ['2026-01-21', '2026-01-22', '2026-01-23']) {
      await collect({ 0: -5 }, { of });
      const id = String((await entriesOf(owner)).at(-1)?.id);
      const decide = { args: [id], reason: why, format: 'json' } as const;
      const ended = await Promise.allSettled([
        releaseCommand(contextOn(database), { ...decide, by: 'anna' }),
        discardCommand(contextOn(database), { ...decide, by: 'ben' }),
        replayCommand(contextOn(database), { by: 'cem', from: of, format: 'json' }),
      ]);
      const entry = (await entriesOf(owner)).at(-1);
      const [released, discarded] = ended.map(({ status }) => status === 'fulfilled');
      expect([released, discarded].filter(Boolean)).toHaveLength(1);
      expect(entry).toMatchObject(
        released === true ? { state: 'released', by: 'anna' } : { state: 'discarded', by: 'ben' },
      );
    }
  });
});

test('an entry names the check that held it back, and is found by it', async () => {
  await collect({ 0: -5, 1: 'n/a' });
  const listed = async (check: string): Promise<unknown> => {
    const context = contextOn(database);
    await quarantineCommand(context, { check, format: 'json' });
    return JSON.parse(context.printed());
  };
  expect(await listed('cells.value.floor')).toMatchObject([
    { reason: 'failed_check', checkId: 'cells.value.floor', raw: '-5' },
  ]);
  expect(await listed('cells.value.plausible')).toEqual([]);
});

describe('what a person has discarded', () => {
  async function discard(raw: string): Promise<void> {
    const given = { args: await idsOf(owner, raw), reason: why, format: 'json' } as const;
    await discardCommand(contextOn(database), given);
  }

  test('is not data and not open again in later answers, whatever checks say', async () => {
    await collect({ 0: -5 });
    await discard('-5');
    await collect({ 0: -5 }, { firstId: 5000 });
    await collect({ 0: -5 }, { firstId: 6000, by: await openChecked({}) });
    expect(await versions()).toEqual([]);
    expect(await entriesOf(owner)).toMatchObject([{ state: 'discarded' }]);
    const [id = ''] = await idsOf(owner, '-5');
    expect(
      await owner.query(
        `select state, reason from jao.coverage where business_day = $1 and state <> 'present'`,
        [day],
      ),
    ).toEqual([
      {
        state: 'not_provided',
        reason: `last answer: republished; entry ${id} of quarantine was discarded: ${why}`,
      },
    ]);
    await expectVerified();
  });

  test('is not data either once the contract can read its characters; others are', async () => {
    await collect({ 0: 5, 1: 'n/a' });
    // As if an older contract had not been able to read the 5.
    await owner.query(`delete from jao.observation where value = 5`);
    await owner.query(`update jao.dataset_day set contract_version = 'older', cells = cells - 1`);
    await owner.query(`update ops.attempt set contract_version = 'older'`);
    await owner.query(
      `insert into ops.quarantine (run_id, attempt_id, dataset, business_day, url, pointer, series_key,
         delivery_start, reason, message, raw, raw_length, contract_version)
       select run_id, attempt_id, dataset, business_day, url, '/data/0/a', 'a', window_start, 'not_a_number',
         'a is 5, no number', '5', 1, 'older' from ops.attempt`,
    );
    await owner.query(`select jao.rebuild_ranges(dataset_id) from jao.series where key = 'a'`);
    await discard('5');
    await reparseCommand(contextOn(database), { format: 'json' });
    expect(await versions()).toEqual([]);
    await collect({ 0: 5 }, { firstId: 5000 });
    expect(await versions()).toEqual([]);
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual(['replayed', 'discarded']);
    await collect({ 0: 6 });
    expect(await versions()).toEqual([6]);
  });

  test('at the moment at which it would become data is that, or discarded, and never both', async () => {
    const unchecked = await openChecked({});
    for (const of of ['2026-01-21', '2026-01-22', '2026-01-23', '2026-01-24']) {
      await collect({ 0: -5 }, { of });
      const { id } = (await entriesOf(owner)).at(-1) ?? {};
      const given = { args: [String(id)], reason: why, format: 'json' } as const;
      const [discarded] = await Promise.allSettled([
        discardCommand(contextOn(database), given),
        collect({ 0: -5 }, { of, firstId: 5000, by: unchecked }),
        replayCommand(contextOn(database), { from: of, to: of, format: 'json' }),
      ]);
      const { shown } = await owner.row(
        z.object({ shown: z.int() }),
        'select count(*) as shown from jao.latest where business_day = $1 and value = -5',
        [of],
      );
      const state = (await entriesOf(owner)).at(-1)?.state;
      expect([discarded.status, state, shown]).toEqual(
        discarded.status === 'fulfilled'
          ? ['fulfilled', 'discarded', 0]
          : ['rejected', 'replayed', 1],
      );
    }
    await expectVerified('2026-01-21', '2026-01-24');
  });
});
