import { recordResults } from '@sluice/data-quality';
import type { EngineSession, QualityEngine } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import type { CheckOutcome, QualityResult } from '@sluice/schemas/expectations';
import type { BusinessDay, DatasetContract, DayPeriod, JaoSuite } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { Logger } from 'pino';

import { checkDays } from './check-days.ts';
import type { CheckSettings } from './check-settings.ts';
import { configuredSuites } from './check-settings.ts';

/** Of a day a statement takes milliseconds. */
const defaultStatementTimeoutMs = 10_000;
/** For all statements of one job: whatever hangs, the checks of the next day have their turn. */
const dayTimeoutMs = 30_000;
/** And for a period, however long, of which most is one statement's. */
const periodTimeoutMs = 10 * 60_000;
/** How long the end of a run waits for the job that is under way. */
const stopWaitMs = 2_000;

/** Days of a dataset that were stored, and are to be checked. */
interface CheckJob {
  readonly contract: DatasetContract;
  readonly period: DayPeriod;
  readonly compared: readonly BusinessDay[];
  readonly timeoutMs: number;
  readonly statementTimeoutMs: number;
  /** What was found, and is on record, when the day was stored. */
  readonly audited: readonly QualityResult[];
}

/** What a checker works with. */
export interface DayCheckerOptions {
  readonly db: PostgresDatabase;
  readonly runId: string;
  readonly log: Logger;
  readonly settings: CheckSettings;
  readonly now: () => Date;
  /** For each statement of a day's checks. @default 10,000 */
  readonly statementTimeoutMs?: number;
}

/**
 * Checks days after they were stored, one job after the other, beside whoever stores: nobody waits for
 * it, and whatever goes wrong with a check is a line in the log. On a connection of its own, each
 * statement within a time limit.
 */
export class DayChecker {
  readonly #options: DayCheckerOptions;
  readonly #jobs = new Map<string, CheckJob>();
  readonly #stop = new AbortController();
  #working: Promise<void> | undefined;

  constructor(options: DayCheckerOptions) {
    this.#options = options;
  }

  /** Has a day checked, some time soon; once, where it is stored again before its turn. */
  add(contract: DatasetContract, day: BusinessDay, audited: readonly QualityResult[] = []): void {
    const period = { from: day, to: day };
    const { statementTimeoutMs = defaultStatementTimeoutMs } = this.#options;
    const timeoutMs = dayTimeoutMs;
    this.#put({ contract, period, compared: [day], timeoutMs, statementTimeoutMs, audited });
  }

  /** Has the days of a dataset, ascending, checked together. */
  addPeriod(contract: DatasetContract, days: readonly BusinessDay[]): void {
    const [from, to] = [days.at(0), days.at(-1)];
    if (from !== undefined && to !== undefined) {
      const timeoutMs = periodTimeoutMs;
      const limits = { timeoutMs, statementTimeoutMs: timeoutMs };
      this.#put({ contract, period: { from, to }, compared: days, ...limits, audited: [] });
    }
  }

  /** Waits until all that was added is checked, or the checker is stopped. */
  async finish(): Promise<void> {
    while (this.#working !== undefined) {
      await this.#working;
    }
  }

  /** Ends soon: what has not begun is left out, and said so. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const left = [...this.#jobs.values()];
    this.#jobs.clear();
    if (left.length > 0) {
      this.#sayUnchecked(left);
    }
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, stopWaitMs);
    });
    await Promise.race([this.#working, limit]);
    clearTimeout(timer);
  }

  #put(job: CheckJob): void {
    if (this.#stop.signal.aborted) {
      return;
    }
    const { contract, period } = job;
    this.#jobs.set(`${contract.name} ${period.from} ${period.to}`, job);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  #sayUnchecked(jobs: readonly Pick<CheckJob, 'contract' | 'period'>[]): void {
    const days = jobs.map(({ contract, period }) => `${contract.name} ${period.from}`);
    this.#options.log.warn({ days }, 'stored, and not checked, as the run ends');
  }

  async #work(): Promise<void> {
    for (;;) {
      const [next] = this.#jobs;
      if (next === undefined) {
        return;
      }
      const [name, job] = next;
      this.#jobs.delete(name);
      await this.#check(job);
    }
  }

  async #check(job: CheckJob): Promise<void> {
    const { contract, period, compared, timeoutMs, statementTimeoutMs, audited } = job;
    const { db, runId, log, settings, now } = this.#options;
    const beganMs = performance.now();
    const about = {
      dataset: contract.name,
      ...(period.from === period.to ? { businessDay: period.from } : period),
    };
    try {
      const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]);
      const results = await db.read(
        (tx) =>
          checkDays(limitedEngine(postgresEngine(tx), signal), {
            contract,
            // What the audit found is about what came; what is stored is what it let through.
            suites: without(configuredSuites(contract, settings), audited),
            period,
            compared,
            isLoad: compared.length > 1,
            runId,
            now: now(),
          }),
        { statementTimeoutMs },
      );
      this.#stop.signal.throwIfAborted();
      await recordResults(postgresEngine(db, { statementTimeoutMs }), results);
      logResults(log, about, [...audited, ...results], Math.round(performance.now() - beganMs));
    } catch (error) {
      if (this.#stop.signal.aborted) {
        this.#sayUnchecked([{ contract, period }]);
        return;
      }
      log.error({ ...about, error: String(error) }, 'checks could not be run');
    }
  }
}

function without(
  suites: readonly JaoSuite[],
  results: readonly QualityResult[],
): readonly JaoSuite[] {
  const ids = new Set(results.map(({ checkId }) => checkId));
  return suites.map(({ relation, suite }) => ({
    relation,
    suite: { ...suite, expectations: suite.expectations.filter(({ id }) => !ids.has(id)) },
  }));
}

/** An engine that asks nothing any more once it is to end: what is left is not evaluated. */
function limitedEngine(engine: QualityEngine, signal: AbortSignal): QualityEngine {
  const limit = (session: EngineSession): EngineSession => ({
    ...session,
    rows: async (statement) => {
      signal.throwIfAborted();
      return session.rows(statement);
    },
  });
  return {
    ...engine,
    read: (work) => engine.read((session) => work(limit(session))),
  };
}

/** One line: an error where a check failed or could not be evaluated, a warning where one warned. */
export function logResults(
  log: Logger,
  about: Readonly<Record<string, unknown>>,
  results: readonly QualityResult[],
  durationMs: number,
): void {
  const counts = { passed: 0, warned: 0, failed: 0, error: 0, skipped: 0 } satisfies Record<
    CheckOutcome,
    number
  >;
  for (const { outcome } of results) {
    counts[outcome] += 1;
  }
  const fallenShort = results
    .filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped')
    .map(({ checkId, outcome, observed, message }) => ({ checkId, outcome, observed, message }));
  const line = {
    ...about,
    ...counts,
    durationMs,
    ...(fallenShort.length === 0 ? {} : { checks: fallenShort.slice(0, 20) }),
  };
  if (counts.failed + counts.error > 0) {
    log.error(line, 'checks failed');
  } else if (counts.warned > 0) {
    log.warn(line, 'checks warned');
  } else {
    log.info(line, 'checks passed');
  }
}
