import { exitCodes } from '@sluice/schemas';
import type { QuarantineDecisionReport } from '@sluice/schemas';
import { cellReplayReportSchema } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, test } from 'vitest';

import type { DecideCommandOptions } from '../../src/quarantine/decide-entries.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { fakeContext } from '../fake-context.ts';
import { answerOf, throughout } from '../store/answers.ts';
import { contextOn, discardEntries, expectVerified } from '../store/commands.ts';
import { contractOf } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedStore } from '../store/use-store.ts';
import { versionsOf } from '../store/look.ts';
import { collectOdd, entriesOf, forgetHowToRead } from './entries.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-01-10';
const why = 'the source gave a text';

let database: TestDatabase;
let store: TestStore;
let owner: PostgresDatabase;

beforeEach(async () => {
  ({ database, owner, store } = await openOwnedStore());
});

const discard = (options: Partial<DecideCommandOptions>): Promise<QuarantineDecisionReport> =>
  discardEntries(database, { reason: why, ...options });

describe('quarantine replay', () => {
  async function replay(options = {}, exitCode: number = exitCodes.done) {
    const context = contextOn(database);
    const given = { by: 'anna', ...options, format: 'json' } as const;
    expect(await replayCommand(context, given), context.said()).toBe(exitCode);
    return cellReplayReportSchema.parse(JSON.parse(context.printed()));
  }

  test('stores what the contract of today can read, stamped now, and says who asked', async () => {
    await collectOdd(store, contract, day, { 5: 'n/a' });
    await forgetHowToRead(owner, day, 3);
    expect(await versionsOf(owner, contract, day, 'a')).toHaveLength(22);

    const report = await replay();

    expect(report).toMatchObject({
      ...{ outcome: 'succeeded', days: 1, tried: 2, replayed: 1, stillOpen: 1 },
      ...{ alsoReplayed: 0, added: 0, versions: 1 },
    });
    expect(await entriesOf(owner)).toMatchObject([
      { id: 1, state: 'open' },
      { id: 2, state: 'replayed', by: 'anna' },
    ]);
    expect(await versionsOf(owner, contract, day, 'a')).toHaveLength(23);
    await expectVerified(database);
    expect(await replay()).toMatchObject({ tried: 1, replayed: 0, stillOpen: 1, versions: 0 });
  });

  test('reads only days of the choice again', async () => {
    await collectOdd(store, contract, day, {});
    await collectOdd(store, contract, '2026-01-11', {});
    await forgetHowToRead(owner, day, 3);
    await forgetHowToRead(owner, '2026-01-11', 3);
    expect(await replay({ from: '2026-01-11' })).toMatchObject({ days: 1, tried: 1, replayed: 1 });
    expect((await entriesOf(owner)).map(({ state }) => state)).toEqual(['open', 'replayed']);
  });

  test('a day whose payload is gone fails, and is named; its entries stay open', async () => {
    await collectOdd(store, contract, day, {});
    await forgetHowToRead(owner, day, 3);
    await owner.query('delete from ops.payload');
    expect(await replay({}, exitCodes.fellShort)).toMatchObject({
      outcome: 'failed',
      stillOpen: 1,
      failures: [{ dataset: contract.name, businessDay: day }],
    });
  });

  test('and discard at once: whichever is first holds, and nothing is decided twice', async () => {
    for (const [index, hour] of [3, 7, 11].entries()) {
      const at = `2026-01-${20 + index}`;
      await collectOdd(store, contract, at, {});
      await forgetHowToRead(owner, at, hour);
      const [, discarded] = await Promise.all([
        replay({ from: at, to: at }),
        discard({ all: true, from: at, to: at, by: 'ben' }),
      ]);
      const entry = (await entriesOf(owner)).at(-1);
      expect(entry).toMatchObject(
        discarded.entries === 1
          ? { state: 'discarded', by: 'ben' }
          : { state: 'replayed', by: 'anna' },
      );
    }
  });

  test('waits for nobody who stores the day, and takes nothing from under a claim', async () => {
    await collectOdd(store, contract, day, {});
    await forgetHowToRead(owner, day, 3);
    const claim = await store.claim(contract, day);
    const stop = new AbortController();
    const context = fakeContext({
      flags: { databaseUrl: database.url('worker') },
      signal: stop.signal,
    });
    const waiting = replayCommand(context, { format: 'json' });
    const cells = { a: throughout(contract, day, 1), b: throughout(contract, day, 2) };
    await store.collect(contract, day, answerOf(contract, day, cells), claim);
    expect(await waiting).toBe(exitCodes.done);
    expect((await entriesOf(owner))[0]).toMatchObject({ state: 'replayed' });
    await expectVerified(database);
  });
});
