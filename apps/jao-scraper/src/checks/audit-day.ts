import { decide, readFailingKeys } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import type { ExpectationSuite, QualityResult } from '@sluice/schemas/expectations';
import type { BusinessDay, DatasetContract, JaoSuite } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import { checkDays, scopeOf } from './check-days.ts';
import { configuredSuites } from './check-settings.ts';
import type { CheckSettings } from './check-settings.ts';

/** A cell that a check holds back, and why. */
export interface HeldBackCell {
  readonly key: string;
  readonly deliveryStartMs: number;
  readonly checkId: string;
  readonly message: string;
}

/** Why a day is kept out as a whole. */
export interface DayRefusal {
  readonly checkId: string;
  readonly message: string;
}

/** What checks with an action say of a day, before it is committed. */
export interface DayVerdict {
  readonly results: readonly QualityResult[];
  /** The first check that keeps the whole day out, and all of them in a sentence; undefined where none does. */
  readonly refusal: DayRefusal | undefined;
  /** Of one cell, the first check that holds it back. */
  readonly heldBack: readonly HeldBackCell[];
}

/** Judges a day in the transaction that has written it, as readers would see it. */
export type DayAudit = (tx: PostgresTransaction, day: BusinessDay) => Promise<DayVerdict>;

/** The audits of datasets, each made once. */
export function auditsOf(
  options: Parameters<typeof dayAuditOf>[1],
): (contract: DatasetContract) => DayAudit | undefined {
  const audits = new Map<string, DayAudit | undefined>();
  return (contract) => {
    if (!audits.has(contract.name)) {
      audits.set(contract.name, dayAuditOf(contract, options));
    }
    return audits.get(contract.name);
  };
}

/**
 * The audit of a dataset: the checks whose action is `quarantine` or `refuse`, which nothing is by
 * default. Undefined where there is none, so that nobody pays for it.
 */
export function dayAuditOf(
  contract: DatasetContract,
  {
    settings,
    runId,
    now,
  }: {
    readonly settings: CheckSettings;
    readonly runId: string;
    readonly now: () => Date;
  },
): DayAudit | undefined {
  const suites = configuredSuites(contract, settings).map(({ relation, suite }): JaoSuite => ({
    relation,
    suite: withActions(suite),
  }));
  if (suites.every(({ suite }) => suite.expectations.length === 0)) {
    return undefined;
  }
  return async (tx, day) => {
    const results = await checkDays(postgresEngine(tx), {
      contract,
      suites,
      period: { from: day, to: day },
      compared: [day],
      runId,
      now: now(),
    });
    const { refusing, quarantining } = decide(results);
    return {
      results,
      refusal: refusalOf(refusing),
      heldBack:
        refusing.length > 0 ? [] : await readHeldBack(tx, { contract, day, suites, quarantining }),
    };
  };
}

function refusalOf(refusing: readonly QualityResult[]): DayRefusal | undefined {
  const [first] = refusing;
  const sentences = refusing.map(
    ({ checkId, outcome, message }) =>
      `check ${checkId}${outcome === 'error' ? ' could not be evaluated' : ''}: ${message}`,
  );
  return first && { checkId: first.checkId, message: sentences.join('; ') };
}

function withActions(suite: ExpectationSuite): ExpectationSuite {
  return {
    ...suite,
    expectations: suite.expectations.filter(
      (expectation) =>
        'action' in expectation &&
        (expectation.action === 'quarantine' || expectation.action === 'refuse'),
    ),
  };
}

async function readHeldBack(
  tx: PostgresTransaction,
  {
    contract,
    day,
    suites,
    quarantining,
  }: {
    readonly contract: DatasetContract;
    readonly day: BusinessDay;
    readonly suites: readonly JaoSuite[];
    readonly quarantining: readonly QualityResult[];
  },
): Promise<readonly HeldBackCell[]> {
  const cells = new Map<string, HeldBackCell>();
  for (const { checkId, message } of quarantining) {
    const suite = suites.find(({ suite: { expectations } }) =>
      expectations.some(({ id }) => id === checkId),
    );
    if (suite === undefined) {
      continue;
    }
    const scope = scopeOf(contract, { from: day, to: day });
    await readFailingKeys(postgresEngine(tx), { ...suite, checkId, scope }, (keys) => {
      for (const { key, delivery_start: start } of keys) {
        const name = `${String(key)}\n${String(start)}`;
        if (!cells.has(name)) {
          const deliveryStartMs = Date.parse(String(start));
          cells.set(name, { key: String(key), deliveryStartMs, checkId, message });
        }
      }
    });
  }
  return [...cells.values()];
}
