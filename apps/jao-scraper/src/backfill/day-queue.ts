import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import { claimDays, releaseClaims } from '@sluice/warehouse/postgres';
import type { TakenClaim } from '@sluice/warehouse/postgres';
import { setTimeout as delay } from 'node:timers/promises';

import { claimTtlMs } from '../collect/claim-keeper.ts';
import type { ClaimKeeper } from '../collect/claim-keeper.ts';
import { letGo, onDatabase } from '../collect/collect-context.ts';
import type { DayTask, RunContext } from '../collect/collect-context.ts';
import { readDayStates } from '../store/day-state.ts';

/** Only so many of the days that are left are looked at for free ones. */
const lookAhead = 1_000;
/** How long days that others work on are left alone before they are looked at again. */
const othersMs = 500;

/** A business day of a dataset. */
export interface WantedDay {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
}

/** How days are taken from the queue. */
export interface DayQueueOptions {
  readonly keeper: ClaimKeeper;
  /** Days that are claimed with one look at the database. */
  readonly batch: number;
  /** Whether finished days are asked for again. */
  readonly isRefetch: boolean;
  /** Told of each day that turns out to be finished. */
  readonly onSkipped: (day: WantedDay) => void;
}

/**
 * The days of a backfill, in order, each given to one process of all that want it. Finished days are
 * left out; a day that another process works on is waited for, since that one may fail or die.
 */
export class DayQueue {
  readonly #context: RunContext;
  readonly #options: DayQueueOptions;
  readonly #left: Map<string, WantedDay>;
  readonly #claimed: DayTask[] = [];
  #filling: Promise<void> | undefined;

  constructor(context: RunContext, days: readonly WantedDay[], options: DayQueueOptions) {
    this.#context = context;
    this.#options = options;
    this.#left = new Map(days.map((day) => [nameOf(day.contract.name, day.day), day]));
  }

  /** The next day, claimed; undefined when none is left, or the run is to stop. */
  async next(): Promise<DayTask | undefined> {
    while (!this.#context.signal.aborted) {
      const task = this.#claimed.shift();
      if (task !== undefined) {
        return task;
      }
      if (this.#left.size === 0 && this.#filling === undefined) {
        return undefined;
      }
      this.#filling ??= this.#fill().finally(() => {
        this.#filling = undefined;
      });
      await this.#filling;
    }
    return undefined;
  }

  /** Takes back a day that was lost to another process, to see what becomes of it there. */
  putBack({ contract, datasetId, day }: WantedDay): void {
    this.#left.set(nameOf(contract.name, day), { contract, datasetId, day });
  }

  /** Lets go of what was claimed and not begun. */
  async close(): Promise<void> {
    const claims = this.#claimed.splice(0).map(({ claim }) => claim);
    if (claims.length > 0) {
      await letGo(this.#context, 'claims', () => releaseClaims(this.#context.db, claims));
    }
  }

  async #fill(): Promise<void> {
    const { db, runId, signal } = this.#context;
    const candidates = [...this.#left.values()].slice(0, lookAhead);
    const claims = await onDatabase(this.#context, () =>
      claimDays(db, {
        days: candidates.map(({ contract, day }) => ({ dataset: contract.name, businessDay: day })),
        limit: this.#options.batch,
        ttlMs: claimTtlMs,
        runId,
      }),
    );
    this.#options.keeper.add(claims);
    await this.#settle(candidates, claims);
    if (claims.length === 0 && this.#left.size > 0) {
      await delay(othersMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What is known of a day is read after it is claimed: from then on nobody else changes it. */
  async #settle(candidates: readonly WantedDay[], claims: readonly TakenClaim[]): Promise<void> {
    const mine = new Map(claims.map((claim) => [nameOf(claim.dataset, claim.businessDay), claim]));
    // Without a claim, it is those that others hold that may be finished by now.
    const concerned =
      claims.length === 0
        ? candidates
        : candidates.filter(({ contract, day }) => mine.has(nameOf(contract.name, day)));
    const finished: TakenClaim[] = [];
    for (const [datasetId, days] of Map.groupBy(concerned, (wanted) => wanted.datasetId)) {
      const states = await onDatabase(this.#context, () =>
        readDayStates(
          this.#context.db,
          datasetId,
          days.map(({ day }) => day),
        ),
      );
      for (const wanted of days) {
        const name = nameOf(wanted.contract.name, wanted.day);
        const claim = mine.get(name);
        const state = states.get(wanted.day);
        if (state?.isFinished === true && !this.#options.isRefetch) {
          this.#left.delete(name);
          this.#options.onSkipped(wanted);
          finished.push(...(claim === undefined ? [] : [claim]));
        } else if (claim !== undefined) {
          this.#left.delete(name);
          this.#claimed.push({ ...wanted, claim, state });
        }
      }
    }
    if (finished.length > 0) {
      await onDatabase(this.#context, () => releaseClaims(this.#context.db, finished));
    }
  }
}

function nameOf(dataset: string, day: BusinessDay): string {
  return `${dataset} ${day}`;
}
