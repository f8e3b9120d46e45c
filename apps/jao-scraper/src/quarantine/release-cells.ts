import { CommandError, refuseUndecidable } from '@sluice/command-line';
import { findDataset, isBusinessDay } from '@sluice/schemas/jao';
import {
  claimDays,
  countDecidedIn,
  countDecisions,
  holdClaim,
  recordDecision,
  releaseClaims,
} from '@sluice/warehouse/postgres';
import type { Claim, PostgresTransaction } from '@sluice/warehouse/postgres';
import { setTimeout as delay } from 'node:timers/promises';

import type { WantedDay } from '../backfill/day-queue.ts';
import { claimTtlMs, keepClaims } from '../collect/claim-keeper.ts';
import type { ClaimKeeper } from '../collect/claim-keeper.ts';
import { letGo, onDatabase } from '../collect/collect-context.ts';
import type { RunContext } from '../collect/collect-context.ts';
import { readDayAgain, storeDayAgain } from '../reparse/reparse-day.ts';
import type { DayReadAgain } from '../reparse/reparse-day.ts';
import { UnreadablePayload } from '../replay/replay-day.ts';
import { readDatasetIds } from '../store/catalogue.ts';
import { SeriesRegistry } from '../store/series-registry.ts';
import { refreshWideViews } from '../store/upkeep.ts';
import { lockDecidable } from './decide-entries.ts';
import type { PersonsDecision } from './decide-entries.ts';
import type { EntryChoice } from './entry-filter.ts';
import { readChosen } from './read-entries.ts';

/** How long a day that another works on is left alone before it is asked for again. */
const othersMs = 200;

/** Entries of one business day that are to be released. */
interface DayToRelease extends WantedDay {
  readonly ids: readonly number[];
}

/** A day whose lock is ours. */
interface ClaimedDay extends DayToRelease {
  readonly claim: Claim;
}

/**
 * Makes versions of cells that a check held back, or of those of a whole answer that it refused, stamped now, under the claims of their days, all of
 * them in one transaction with the decision; gives how many entries that were. A day that is being
 * collected is waited for.
 *
 * @throws {CommandError} where one can not be released: then none is.
 * @throws {PostgresError} `FENCED` where a claim was taken over meanwhile: then none is.
 */
export async function releaseCells(
  run: RunContext,
  choice: EntryChoice,
  decision: PersonsDecision,
): Promise<number> {
  const { db } = run;
  const ids = await onDatabase(run, () => readIds(run, choice, decision));
  const days = await onDatabase(run, () => readDays(run, ids));
  const keeper = keepClaims(run);
  const claimed: ClaimedDay[] = [];
  try {
    for (const day of days) {
      claimed.push({ ...day, claim: await claimDay(run, day, keeper) });
    }
    const registry = new SeriesRegistry();
    const { entries, remember, versions } = await onDatabase(run, () =>
      db.transaction((tx) => release(tx, registry, { days: claimed, ids, decision })),
    );
    remember.forEach((each) => {
      each();
    });
    run.totals.add({ ...noTotals, read: versions, added: versions });
    await refreshWideViews(run);
    return entries;
  } finally {
    await keeper.stop();
    await letGo(run, 'claims', () =>
      releaseClaims(
        db,
        claimed.map(({ claim }) => claim),
      ),
    );
  }
}

const noTotals = { revised: 0, duplicate: 0, quarantined: 0, unchanged: 0 } as const;

/** What can not be decided is told before anybody is made to wait for it. */
async function readIds(
  { db }: RunContext,
  choice: EntryChoice,
  decision: PersonsDecision,
): Promise<readonly number[]> {
  return db.transaction(async (tx) => {
    if ('ids' in choice) {
      await lockDecidable(tx, choice.ids, decision);
      return choice.ids;
    }
    return (await readChosen(tx, choice.filter)).map(({ id }) => id);
  });
}

async function readDays({ db }: RunContext, ids: readonly number[]): Promise<DayToRelease[]> {
  const datasetIds = await readDatasetIds(db);
  const days = new Map<string, DayToRelease>();
  const problems: string[] = [];
  for (const entry of await readChosen(db, { states: ['open'], ids })) {
    const contract = findDataset(entry.dataset);
    const { businessDay } = entry;
    if (contract === undefined) {
      problems.push(`entry ${entry.id} is of ${entry.dataset}, which the catalogue does not have`);
    } else if (businessDay !== null && isBusinessDay(businessDay)) {
      const name = `${entry.dataset} ${businessDay}`;
      const datasetId = datasetIds.get(entry.dataset) ?? -1;
      const before = days.get(name)?.ids ?? [];
      days.set(name, { contract, datasetId, day: businessDay, ids: [...before, entry.id] });
    }
  }
  refuseUndecidable(problems, { verdict: 'released' });
  // Two who release wait for each other's days in one order.
  return [...days].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, day]) => day);
}

async function claimDay(
  run: RunContext,
  { contract, day }: DayToRelease,
  keeper: ClaimKeeper,
): Promise<Claim> {
  const { db, runId, signal } = run;
  const days = [{ dataset: contract.name, businessDay: day }];
  for (;;) {
    const [claim] = await onDatabase(run, () =>
      claimDays(db, { days, limit: 1, ttlMs: claimTtlMs, runId }),
    );
    if (claim !== undefined) {
      keeper.add([claim]);
      return claim;
    }
    await delay(othersMs, undefined, { signal });
  }
}

interface Released {
  readonly entries: number;
  /** Versions of cells. */
  readonly versions: number;
  /** To be called once the transaction has committed. */
  readonly remember: readonly (() => void)[];
}

/** May be repeated: an error at COMMIT may have hidden that it was done, which the run's id tells. */
async function release(
  tx: PostgresTransaction,
  registry: SeriesRegistry,
  {
    days,
    ids,
    decision,
  }: {
    readonly days: readonly ClaimedDay[];
    readonly ids: readonly number[];
    readonly decision: PersonsDecision;
  },
): Promise<Released> {
  for (const { claim } of days) {
    await holdClaim(tx, claim);
  }
  const left = new Set(await lockDecidable(tx, ids, decision));
  const read: { readonly ids: readonly number[]; readonly again: DayReadAgain }[] = [];
  for (const day of days) {
    const releasing = new Set(day.ids.filter((id) => left.has(id)));
    read.push({ ids: [...releasing], again: await readDay(tx, { ...day, releasing }, decision) });
  }
  refuseUndecidable(read.flatMap(findUnrepeated), { verdict: 'released' });
  // Counters come before clocks, of all days.
  await countDecisions(tx, [...left], decision.state);
  const remember: (() => void)[] = [];
  let versions = 0;
  for (const { ids: ofDay, again } of read) {
    const stored = await storeDayAgain(tx, registry, again);
    const at = stored.stampMs === undefined ? undefined : new Date(stored.stampMs);
    await recordDecision(tx, ofDay, decision, at);
    remember.push(stored.remember);
    versions += stored.result.versions;
  }
  return { entries: await countDecidedIn(tx, decision), versions, remember };
}

async function readDay(
  tx: PostgresTransaction,
  day: ClaimedDay & { readonly releasing: ReadonlySet<number> },
  { runId, by }: PersonsDecision,
): Promise<DayReadAgain> {
  try {
    return await readDayAgain(tx, { ...day, runId, by });
  } catch (cause) {
    if (!(cause instanceof UnreadablePayload)) {
      throw cause;
    }
    const place = `${day.contract.name} ${day.day}`;
    throw new CommandError(`${place}: ${cause.message}. Nothing was released`, { cause });
  }
}

function findUnrepeated({
  ids,
  again: { contract, day, releasable },
}: {
  readonly ids: readonly number[];
  readonly again: DayReadAgain;
}): string[] {
  return ids
    .filter((id) => !releasable.has(id))
    .map(
      (id) =>
        `entry ${id} is not what the last answer for ${contract.name} ${day} says of its cell, so that ` +
        'there is nothing to let through: discard it',
    );
}
