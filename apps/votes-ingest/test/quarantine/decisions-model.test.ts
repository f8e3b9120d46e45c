import { exitCodes } from '@sluice/schemas';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { discardCommand } from '../../src/quarantine/discard-command.ts';
import { releaseCommand } from '../../src/quarantine/release-command.ts';
import { replayCommand } from '../../src/quarantine/replay-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { fakeContext } from '../fake-context.ts';
import { LoadedWarehouse, voteLine } from '../loaded-warehouse.ts';
import { withTemporaryFolder } from '../temporary-folder.ts';
import { oddLine, oddSuite } from './odd-votes.ts';

/** What an entry is: held back by a check, still broken, or such as a new contract can read. */
const kinds = ['held', 'broken', 'mended', 'held', 'broken', 'mended'] as const;
const names = { discard: 'discarded', release: 'released' } as const;

/** What each entry is said to be, by its id less one. */
interface Model {
  readonly states: string[];
}

type Command = fc.AsyncCommand<Model, LoadedWarehouse>;

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

  async run(model: Model, loaded: LoadedWarehouse): Promise<void> {
    const context = fakeContext(loaded.path);
    const options = { args: this.ids.map(String), reason: 'a test', format: 'json' } as const;
    const deciding =
      this.verb === 'discard' ? discardCommand(context, options) : releaseCommand(context, options);
    const isAllowed = this.ids.every(
      (id) =>
        model.states[id - 1] === 'open' && (this.verb === 'discard' || kinds[id - 1] === 'held'),
    );
    if (isAllowed) {
      expect(await deciding).toBe(exitCodes.done);
      for (const id of this.ids) {
        model.states[id - 1] = names[this.verb];
      }
    } else {
      const areThere = this.ids.every((id) => id <= model.states.length);
      await expect(deciding).rejects.toMatchObject({
        exitCode: areThere ? exitCodes.failed : exitCodes.usage,
      });
    }
    await expectAsModelled(model, loaded);
  }

  toString(): string {
    return `${this.verb} ${this.ids.join(' ')}`;
  }
}

class Replay implements Command {
  check(): boolean {
    return true;
  }

  async run(model: Model, loaded: LoadedWarehouse): Promise<void> {
    const context = fakeContext(loaded.path);
    expect(await replayCommand(context, { format: 'json' })).toBe(exitCodes.done);
    model.states.forEach((state, index) => {
      if (state === 'open' && kinds[index] === 'mended') {
        model.states[index] = 'replayed';
      }
    });
    await expectAsModelled(model, loaded);
  }

  toString(): string {
    return 'replay';
  }
}

/** The Id of the record of an entry. */
const idOf = (index: number): number => 10 + index;

async function expectAsModelled({ states }: Model, loaded: LoadedWarehouse): Promise<void> {
  const entries = await loaded.rows(
    `select state, (state = 'open') = (decided_by is null and decision_run_id is null) as isWhole
       from ops.quarantine order by id`,
  );
  expect(entries).toEqual(states.map((state) => ({ state, isWhole: true })));
  const data = states.flatMap((state, index) =>
    state === 'released' || state === 'replayed' ? [idOf(index)] : [],
  );
  const votes = await loaded.rows('select Id as id from blog_analysis.votes order by Id');
  expect(votes.map(({ id }) => id)).toEqual([1, ...data]);
  expect(await loaded.rows('select read, accepted, quarantined from ops.file')).toEqual([
    { read: 7, accepted: 1 + data.length, quarantined: 6 - data.length },
  ]);
}

test('whatever is decided in whatever order, each entry is decided once, and the sums hold', async () => {
  const ids = fc.uniqueArray(fc.integer({ min: 1, max: kinds.length + 1 }), {
    minLength: 1,
    maxLength: 3,
  });
  const commands = fc.commands(
    [
      ids.map((chosen) => new Decide('discard', chosen)),
      ids.map((chosen) => new Decide('release', chosen)),
      fc.constant(new Replay()),
    ],
    { maxCommands: 8 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (chosen) => {
      await withTemporaryFolder(async (folder) => {
        await fc.asyncModelRun(async () => {
          const loaded = new LoadedWarehouse(folder);
          const lines = kinds.map((kind, index) =>
            kind === 'held' ? oddLine(idOf(index)) : 'bad',
          );
          const path = await loaded.write('a.jsonl', [voteLine(1), ...lines]);
          await loaded.ingest([path], 'last', oddSuite('quarantine'));
          await loaded.run(
            ...kinds.flatMap((kind, index) =>
              kind === 'mended'
                ? `update ops.quarantine set raw = '${voteLine(idOf(index))}' where id = ${index + 1}`
                : [],
            ),
          );
          return { model: { states: kinds.map(() => 'open') }, real: loaded };
        }, chosen);
        const context = fakeContext(new LoadedWarehouse(folder).path);
        const verified = await verifyCommand(context, { format: 'table' });
        expect(verified, context.printed()).toBe(exitCodes.done);
      });
    }),
    { numRuns: 6 },
  );
});
