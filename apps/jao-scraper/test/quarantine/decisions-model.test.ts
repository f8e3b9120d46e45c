import { exitCodes } from '@sluice/schemas';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { openAs } from '@sluice/warehouse/postgres-testing';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { checkSettingsSchema } from '../../src/checks/check-settings.ts';
import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { answerOf, throughout } from '../store/answers.ts';
import { contextOn } from '../store/commands.ts';
import { createJaoDatabase } from '../store/test-database.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { cellsWith, entriesOf, forgetHowToRead } from './entries.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-01-20';
const floor = { 'core/maxExchanges': { 'cells.value.floor': { action: 'quarantine' } } };

/** What entries are: still broken, held back by a check, or such as the contract of today can read. */
const kinds = ['broken', 'broken', 'held', 'held', 'held', 'mended', 'mended'] as const;
const cells = { 0: 'n/a', 1: 'none', 2: -5, 3: -6, 4: -7 };
const names = { discard: 'discarded', release: 'released' } as const;

/** What each entry is said to be, by its place. */
interface Model {
  readonly states: string[];
}

interface Real {
  readonly database: TestDatabase;
  readonly owner: PostgresDatabase;
  readonly store: TestStore;
  /** The ids of the entries, by their place. */
  readonly ids: readonly string[];
}

type Command = fc.AsyncCommand<Model, Real>;

class Decide implements Command {
  readonly verb: keyof typeof names;
  readonly ids: readonly number[];

  constructor(verb: keyof typeof names, ids: readonly number[]) {
    this.verb = verb;
    this.ids = ids;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const context = contextOn(real.database);
    const ids = this.ids.map((place) => real.ids[place - 1] ?? '100000');
    const options = { args: ids, reason: 'a test', format: 'json' } as const;
    const deciding =
      this.verb === 'discard' ? discardCommand(context, options) : releaseCommand(context, options);
    const isAllowed = this.ids.every(
      (id) =>
        model.states[id - 1] === 'open' && (this.verb === 'discard' || kinds[id - 1] === 'held'),
    );
    if (isAllowed) {
      expect(await deciding, context.said()).toBe(exitCodes.done);
      for (const id of this.ids) {
        model.states[id - 1] = names[this.verb];
      }
      if (this.verb === 'release') {
        replayReadable(model);
      }
    } else {
      const isThere = this.ids.every((id) => real.ids[id - 1] !== undefined);
      const exitCode = isThere ? exitCodes.failed : exitCodes.usage;
      await expect(deciding).rejects.toMatchObject({ exitCode });
    }
    await expectAsModelled(model, real);
  }

  toString(): string {
    return `${this.verb} ${this.ids.join(' ')}`;
  }
}

class Replay implements Command {
  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const context = contextOn(real.database);
    expect(await replayCommand(context, { format: 'json' }), context.said()).toBe(exitCodes.done);
    // Without an open entry there is no day to read.
    if (model.states.includes('open')) {
      replayReadable(model);
    }
    await expectAsModelled(model, real);
  }

  toString(): string {
    return 'replay';
  }
}

class CollectAgain implements Command {
  readonly firstId: number;

  constructor(firstId: number) {
    this.firstId = firstId;
  }

  check(): boolean {
    return true;
  }

  /** An answer closes what it has a value for. */
  async run(model: Model, real: Real): Promise<void> {
    await collect(real.store, this.firstId);
    replayReadable(model);
    await expectAsModelled(model, real);
  }

  toString(): string {
    return `collect again, from id ${this.firstId}`;
  }
}

/** A day that is read, again or anew, has all replayed that can be read now. */
function replayReadable(model: Model): void {
  model.states.forEach((state, index) => {
    if (state === 'open' && kinds[index] === 'mended') {
      model.states[index] = 'replayed';
    }
  });
}

async function collect(store: TestStore, firstId: number): Promise<void> {
  const answer = { a: cellsWith(contract, day, cells), b: throughout(contract, day, 2) };
  await store.collect(contract, day, answerOf(contract, day, answer, { firstId }));
}

/** An answer with another value for each of the cells. */
async function collectGood(store: TestStore): Promise<void> {
  const answer = { a: throughout(contract, day, 9), b: throughout(contract, day, 2) };
  await store.collect(contract, day, answerOf(contract, day, answer));
}

async function expectAsModelled({ states }: Model, { owner }: Real): Promise<void> {
  expect((await entriesOf(owner)).map(({ state }) => state)).toEqual(states);
  const isData = (state: string): boolean => state === 'released' || state === 'replayed';
  const { shown, quarantined } = await owner.row(
    z.object({ shown: z.array(z.number()), quarantined: z.number() }),
    `select array(select extract(hour from l.delivery_start at time zone 'Europe/Amsterdam')::int
                    from jao.latest l where l.key = 'a' order by 1) as shown,
            (select coalesce(sum(cells), 0)::int from jao.coverage
              where business_day = $1 and state = 'quarantined') as quarantined`,
    [day],
  );
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  expect(shown).toEqual(hours.filter((hour) => hour >= kinds.length || isData(states[hour] ?? '')));
  expect(quarantined).toBe(states.filter((state) => state === 'open').length);
}

async function makeReal(): Promise<Real> {
  const database = await createJaoDatabase();
  const owner = await openAs(database, 'owner');
  const store = await openStore(database, {}, checkSettingsSchema.parse(floor));
  await collect(store, 1000);
  await forgetHowToRead(owner, day, 5);
  await forgetHowToRead(owner, day, 6);
  const ids = (await entriesOf(owner)).map(({ id }) => String(id));
  return { database, owner, store, ids };
}

test('whatever is decided in whatever order, each entry is decided once, and the day agrees', async () => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: kinds.length + 1 }), {
    minLength: 1,
    maxLength: 3,
  });
  const commands = fc.commands(
    [
      ids.map((chosen) => new Decide('discard', chosen)),
      ids.map((chosen) => new Decide('release', chosen)),
      fc.constant(new Replay()),
      fc.integer({ min: 1, max: 3 }).map((time) => new CollectAgain(time * 1000)),
    ],
    { maxCommands: 8 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (chosen) => {
      const real = await makeReal();
      try {
        const model: Model = { states: kinds.map(() => 'open') };
        await fc.asyncModelRun(() => ({ model, real }), chosen);
        await reparseCommand(contextOn(real.database), { format: 'json' });
        replayReadable(model);
        await expectAsModelled(model, real);
        await collectGood(real.store);
        model.states.forEach((state, index) => {
          model.states[index] = state === 'open' ? 'replayed' : state;
        });
        await reparseCommand(contextOn(real.database), { format: 'json' });
        expect((await entriesOf(real.owner)).map(({ state }) => state)).toEqual(model.states);
        const context = contextOn(real.database);
        const verified = await verifyCommand(context, { format: 'table', from: day, to: day });
        expect(verified, context.printed()).toBe(exitCodes.done);
      } finally {
        await real.store.close();
        await real.owner.close();
      }
    }),
    { numRuns: 6 },
  );
});
