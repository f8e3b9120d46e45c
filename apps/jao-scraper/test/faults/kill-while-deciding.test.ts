import { exitCodes } from '@sluice/schemas';
import { chooseSeed, createRandom } from '@sluice/schemas/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { checkSettingsSchema } from '../../src/checks/check-settings.ts';
import { reparseCommand } from '../../src/reparse/reparse-command.ts';
import { verifyCommand } from '../../src/verify/verify-command.ts';
import { collectOdd, forgetHowToRead } from '../quarantine/entries.ts';
import { contextOn } from '../store/commands.ts';
import { contractOf, openStore } from '../store/test-store.ts';
import { expectExit } from './app-process.ts';
import type { AppProcess } from './app-process.ts';
import { countStatements, killAtStatement, spreadKills } from './kill-at-statement.ts';
import type { PlaceToKill } from './kill-at-statement.ts';
import { killCount } from './kill-count.ts';
import { startCommand, timeoutMs, useScenario, withCase } from './scenario.ts';
import type { Case } from './scenario.ts';

const contract = contractOf('core/maxExchanges');
const days = ['2026-01-20', '2026-01-21'] as const;
const floor = { 'core/maxExchanges': { 'cells.value.floor': { action: 'quarantine' } } };
const random = createRandom(chooseSeed(process.env));
const scenario = useScenario();

/** What is decided by each command, and what becomes of the entries and the versions of their cells. */
const decisions = {
  discard: { state: 'discarded', versions: 0, args: ['--reason', 'a test'] },
  release: { state: 'released', versions: 4, args: ['--reason', 'a test'] },
  replay: { state: 'replayed', versions: 2, args: [] },
} as const;
type Verb = keyof typeof decisions;

/** Whether it is done again changes nothing: each takes what is open. */
function argsOf(verb: Verb): readonly string[] {
  const chosen = verb === 'replay' ? [] : ['--all', '--reason-code', 'failed_check'];
  return ['quarantine', verb, ...chosen, ...decisions[verb].args];
}

/** Two days, each with two cells that a check holds back, and one that an older contract could not read. */
async function fill({ database, owner }: Case): Promise<void> {
  const store = await openStore(database, {}, checkSettingsSchema.parse(floor));
  try {
    for (const day of days) {
      await collectOdd(store, contract, day, { 0: -5, 1: -6 });
      await forgetHowToRead(owner, day, 3);
    }
  } finally {
    await store.close();
  }
}

/** The states of the entries that a command is about, and how many versions it has brought. */
async function look({ owner }: Case, verb: Verb) {
  return owner.row(
    z.object({ states: z.array(z.string()), undecided: z.int(), versions: z.int() }),
    `select array(select distinct state from ops.quarantine where (reason = 'failed_check') = $1 order by 1) as states,
            (select count(*) from ops.quarantine
              where (state = 'open') <> (decided_by is null and decision_run_id is null)) as undecided,
            (select count(*) from jao.observation o join jao.series s using (series_id)
              where s.key = 'a' and (case when $1 then o.value < 0 else
                extract(hour from o.delivery_start at time zone 'Europe/Amsterdam') = 3 end)) as versions`,
    [verb !== 'replay'],
  );
}

test.each(Object.keys(decisions) as Verb[])(
  'a quarantine %s that is killed at any statement has decided all of it or nothing, and its repetition ends it',
  async (verb) => {
    const start = (made: Case): AppProcess => startCommand(made, argsOf(verb));
    const { state, versions } = decisions[verb];
    const done = { states: [state], undecided: 0, versions };
    const notDone = { states: ['open'], undecided: 0, versions: 0 };
    let statements = 0;
    await withCase(scenario, { dayCount: 1 }, async (made) => {
      await fill(made);
      expect(await look(made, verb)).toEqual(notDone);
      statements = await countStatements(made, start, (ended) => {
        expectExit(ended, exitCodes.done);
      });
      expect(await look(made, verb)).toEqual(done);
    });
    const kills = Math.ceil(killCount.atStatements / 2);
    for (const place of spreadKills(statements, kills, random)) {
      await withCase(scenario, { dayCount: 1 }, (made) =>
        killAndRepeat(made, { verb, place, start, outcomes: [notDone, done] }),
      );
    }
  },
  timeoutMs + killCount.atStatements * 10_000,
);

async function killAndRepeat(
  made: Case,
  {
    verb,
    place,
    start,
    outcomes,
  }: {
    readonly verb: Verb;
    readonly place: PlaceToKill;
    readonly start: (made: Case) => AppProcess;
    readonly outcomes: readonly Awaited<ReturnType<typeof look>>[];
  },
): Promise<void> {
  const where = `${verb}, ${place.moment} statement ${place.at}`;
  await fill(made);
  await killAtStatement(made, start, place);
  const left = await look(made, verb);
  if (verb === 'replay') {
    // Each day is replayed in a transaction of its own.
    expect([0, 1, 2], where).toContain(left.versions);
    expect(left.undecided, where).toBe(0);
  } else {
    expect(outcomes, where).toContainEqual(left);
  }
  expectExit(await start(made).ended, exitCodes.done);
  expect(await look(made, verb), where).toEqual(outcomes.at(-1));
  // What discarding leaves of an older contract is none of its business.
  await reparseCommand(contextOn(made.database), { format: 'json' });
  const context = contextOn(made.database);
  const verified = await verifyCommand(context, { format: 'table', from: days[0], to: days[1] });
  expect(verified, `${where}: ${context.printed()}`).toBe(exitCodes.done);
}
