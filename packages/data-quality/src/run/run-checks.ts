import type {
  ArrivalCalendar,
  Condition,
  ExpectationSuite,
  QualityResult,
  RelationName,
  RowKey,
} from '@sluice/schemas/expectations';
import { randomUUID } from 'node:crypto';

import { CheckContext } from '../compile/check-context.ts';
import type { HistoryPoint } from '../compile/check-context.ts';
import type { CheckPlan, Finding } from '../compile/check-plan.ts';
import { compileCheck, failingKeysStatement, limited } from '../compile/compile-check.ts';
import { readKey } from '../compile/key-values.ts';
import { expandExpectation } from '../declaration/expand-expectation.ts';
import type { Check } from '../declaration/expand-expectation.ts';
import { describeCondition } from '../declaration/describe-condition.ts';
import { fingerprint } from '../declaration/fingerprint.ts';
import type { EngineSession, QualityEngine } from '../engine/engine.ts';
import { renderStatement } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import { readAnswers } from './read-answers.ts';
import { SharedScan } from './shared-scan.ts';
import type { FiguresByDay } from './shared-scan.ts';

/** How many keys of failing rows a result has unless told otherwise. */
export const defaultKeyLimit = 1_000;

/** What is run, on what. */
export interface RunChecksOptions {
  readonly engine: QualityEngine;
  readonly suite: ExpectationSuite;
  /** The table or view; a staged batch, for instance. */
  readonly relation: RelationName;
  /**
   * Only rows of the relation for which it holds are looked at: those of one batch, say. What a check
   * compares them with elsewhere is not narrowed. @default all rows
   */
  readonly scope?: Condition | undefined;
  /**
   * The days that these rows are about, as ISO dates, both included: kept with the results. What an
   * anomaly measures belongs to the first of them, at midnight UTC. @default not told; it belongs to `now`
   */
  readonly period?: { readonly from: string; readonly to: string } | undefined;
  /** UUID of the run in the ledger. */
  readonly runId: string;
  readonly now: Date;
  /** Without it, freshness, gaps and anomalies are skipped. */
  readonly calendar?: ArrivalCalendar | undefined;
  /** What earlier runs found, by the id of the check; anomalies are skipped without it. */
  readonly history?: ((checkId: string) => Promise<readonly HistoryPoint[]>) | undefined;
  /** Of each check, so many keys of failing rows, the first in their order. @default 1,000 */
  readonly keyLimit?: number | undefined;
  /** Whether a check that passed lists the rows that its thresholds allow. @default true */
  readonly keysOfPassed?: boolean | undefined;
}

/**
 * Runs all checks of a suite, and gives one result each, in the order of the declarations. A check that
 * can not be evaluated has the outcome `error`, with the reason, and keeps no other from being run.
 *
 * @throws what the engine throws where it can not be reached at all.
 */
export async function runChecks(options: RunChecksOptions): Promise<QualityResult[]> {
  return options.engine.read((session) => runAll(options, session, new Map()));
}

/** Runs all checks, of which some figures may be known already. */
async function runAll(
  options: RunChecksOptions,
  session: EngineSession,
  known: ReadonlyMap<string, string>,
): Promise<QualityResult[]> {
  const checks = options.suite.expectations.flatMap(expandExpectation);
  const prepared = await prepareChecks(options, checks, session);
  const scan = new SharedScan(contextOf(options), known);
  for (const { plan } of prepared) {
    scan.add(plan instanceof Error ? [] : plan.scan);
  }
  const startMs = performance.now();
  // Where one figure spoils the statement, each check reads its own, and one of them finds out.
  if (options.engine.sharesScan) {
    await session.isolated(() => scan.read(session)).catch(ignore);
  }
  const shareMs = (performance.now() - startMs) / Math.max(1, prepared.length);
  const results: QualityResult[] = [];
  for (const check of prepared) {
    results.push(await runCheck(options, session, scan, check, shareMs));
  }
  return results;
}

/** What is run of each of several days, on what. */
export interface RunDailyChecksOptions extends Omit<RunChecksOptions, 'period' | 'history'> {
  /** The column, of type `date`, that says which day a row is about. */
  readonly column: string;
  /** ISO dates, ascending. */
  readonly days: readonly string[];
  /** Which rows are about a day. @default those of the scope with that day in the column */
  readonly scopeOfDay?: ((day: string) => Condition) | undefined;
  /** What earlier runs found, by the id of the check, as it is asked for before each day's turn. */
  readonly history: (checkId: string, day: string) => readonly HistoryPoint[];
  /** Takes the results of a day, in the order of the declarations, before the next one has its turn. */
  readonly onDay: (results: readonly QualityResult[]) => void;
  /** What is checked of all rows together: what counts rows adds up the counts of the days. */
  readonly whole?: Pick<RunChecksOptions, 'suite' | 'period'> | undefined;
}

/**
 * Runs all checks of a suite on each of several days, as {@link runChecks} does on one; but what all of
 * them measure is read in one statement. Gives the results of the whole.
 *
 * @throws what the engine throws where it can not be reached at all.
 */
export async function runDailyChecks(options: RunDailyChecksOptions): Promise<QualityResult[]> {
  const { engine, suite, scope, column, days, history, onDay, whole } = options;
  const rowsOfDay = (day: string): Condition => {
    const isDay: Condition = { column, compare: '=', value: day };
    return scope === undefined ? isDay : { all: [scope, isDay] };
  };
  const scopeOfDay = options.scopeOfDay ?? rowsOfDay;
  const checks = suite.expectations.flatMap(expandExpectation);
  if (checks.length === 0 && (whole?.suite.expectations.length ?? 0) === 0) {
    return [];
  }
  return engine.read(async (session) => {
    const presentColumns = await readColumns(options, session);
    const startMs = performance.now();
    const { byDay, ofAll } = await readFiguresByDay(options, session, presentColumns);
    const shareMs = (performance.now() - startMs) / Math.max(1, checks.length * days.length);
    for (const day of days) {
      const ofDay: RunChecksOptions = {
        ...options,
        scope: scopeOfDay(day),
        period: { from: day, to: day },
        history: undefined,
      };
      const scan = new SharedScan(contextOf(ofDay, { presentColumns }), byDay.get(day));
      const results: QualityResult[] = [];
      for (const check of checks) {
        const context = contextOf(ofDay, { presentColumns, history: history(check.id, day) });
        const prepared = { check, context, plan: planOf(context, check) };
        results.push(await runCheck(ofDay, session, scan, prepared, shareMs));
      }
      onDay(results);
    }
    return whole === undefined
      ? []
      : runAll({ ...options, ...whole, history: undefined }, session, ofAll);
  });
}

/** Of each day, and the counts of all; empty where that is refused: then each check reads its own. */
async function readFiguresByDay(
  options: RunDailyChecksOptions,
  session: EngineSession,
  presentColumns: ReadonlySet<string>,
): Promise<{ readonly byDay: FiguresByDay; readonly ofAll: ReadonlyMap<string, string> }> {
  const { engine, suite, whole, column } = options;
  const context = contextOf({ ...options, history: undefined }, { presentColumns });
  const figuresOf = (of: ExpectationSuite | undefined): readonly Sql[] =>
    (of?.expectations.flatMap(expandExpectation) ?? []).flatMap((check) => {
      const plan = planOf(context, check);
      return plan instanceof Error ? [] : plan.scan;
    });
  const scan = new SharedScan(context);
  scan.add(figuresOf(suite));
  scan.add(figuresOf(whole?.suite).filter(({ isCount }) => isCount));
  if (engine.sharesScan && scan.size > 0) {
    const byDay = await session.isolated(() => scan.readByDay(session, column)).catch(ignore);
    if (byDay !== undefined) {
      return { byDay, ofAll: scan.addUp(byDay) };
    }
  }
  return { byDay: new Map(), ofAll: new Map() };
}

interface PreparedCheck {
  readonly check: Check;
  readonly context: CheckContext;
  readonly plan: CheckPlan | Error;
}

async function prepareChecks(
  options: RunChecksOptions,
  checks: readonly Check[],
  session: EngineSession,
): Promise<PreparedCheck[]> {
  const presentColumns = await readColumns(options, session);
  const prepared: PreparedCheck[] = [];
  for (const check of checks) {
    const needsHistory = check.kind === 'anomaly' && options.calendar !== undefined;
    const history = needsHistory ? await options.history?.(check.id) : undefined;
    const context = contextOf(options, { presentColumns, history });
    prepared.push({ check, context, plan: planOf(context, check) });
  }
  return prepared;
}

/** What is wrong with the catalogue shows in the checks themselves. */
async function readColumns(
  { engine, relation }: Pick<RunChecksOptions, 'engine' | 'relation'>,
  session: EngineSession,
): Promise<ReadonlySet<string>> {
  const rows = await session.rows(renderStatement(engine.dialect.columnsOf(relation)));
  return new Set(rows.map((row) => row['name'] ?? ''));
}

function contextOf(
  { engine, relation, scope, period, suite, now, calendar }: RunChecksOptions,
  found: {
    readonly presentColumns?: ReadonlySet<string>;
    readonly history?: readonly HistoryPoint[] | undefined;
  } = {},
): CheckContext {
  return new CheckContext({
    dialect: engine.dialect,
    relation,
    scope,
    shape: suite.shape,
    now,
    at: period === undefined ? undefined : new Date(`${period.from}T00:00:00Z`),
    calendar,
    ...found,
  });
}

function planOf(context: CheckContext, check: Check): CheckPlan | Error {
  try {
    return compileCheck(context, check);
  } catch (cause) {
    return errorOf(cause);
  }
}

async function runCheck(
  options: RunChecksOptions,
  session: EngineSession,
  scan: SharedScan,
  { check, context, plan }: PreparedCheck,
  shareMs: number,
): Promise<QualityResult> {
  const startMs = performance.now();
  const durationMs = (): number => shareMs + performance.now() - startMs;
  if (plan instanceof Error) {
    return resultOf(options, check, errorFinding(plan), [], durationMs());
  }
  const work = (): ReturnType<typeof evaluate> =>
    evaluate(options, session, scan, { context, plan });
  try {
    // Whatever asks the engine nothing needs no protection from it, which costs a round trip.
    const isKnown =
      plan.queries instanceof Array && plan.queries.length === 0 && scan.knows(plan.scan);
    const { finding, keys } =
      isKnown && plan.failingRows === undefined ? await work() : await session.isolated(work);
    return resultOf(options, check, finding, keys, durationMs());
  } catch (cause) {
    return resultOf(options, check, errorFinding(errorOf(cause)), [], durationMs());
  }
}

async function evaluate(
  { keyLimit = defaultKeyLimit, keysOfPassed = true }: RunChecksOptions,
  session: EngineSession,
  scan: SharedScan,
  { context, plan }: { readonly context: CheckContext; readonly plan: CheckPlan },
): Promise<{ readonly finding: Finding; readonly keys: readonly RowKey[] }> {
  const readKeys = async (failingRows: Sql): Promise<RowKey[]> => {
    const rows = await session.rows(failingKeysStatement(context, failingRows, keyLimit));
    return rows.map((row) => readKey(context, row));
  };
  const figures = await scan.figuresOf(session, plan.scan);
  const { failingRows } = plan;
  if (
    plan.countsFailingRows === true &&
    failingRows !== undefined &&
    keyLimit > 0 &&
    keysOfPassed
  ) {
    const keys = await readKeys(failingRows);
    const answers =
      keys.length < keyLimit
        ? [[{ failing: String(keys.length) }]]
        : await readAnswers(session, plan.queries);
    return { finding: plan.judge(figures, answers), keys };
  }
  const answers = await readAnswers(session, plan.queries);
  const finding = plan.judge(figures, answers);
  const keepsKeys = finding.outcome !== 'passed' || keysOfPassed;
  if (finding.failing === 0n || keyLimit <= 0 || !keepsKeys) {
    return { finding, keys: [] };
  }
  if (failingRows !== undefined) {
    return { finding, keys: await readKeys(plan.failingRowsBy?.(answers) ?? failingRows) };
  }
  if (plan.failingList !== undefined) {
    const { select, read } = plan.failingList;
    const rows = await session.rows(renderStatement(limited(select, keyLimit)));
    return { finding, keys: rows.map(read) };
  }
  return { finding, keys: (finding.failingKeys ?? []).slice(0, keyLimit) };
}

interface ErrorFinding {
  readonly outcome: 'error';
  readonly message: string;
}

function errorFinding(error: Error): ErrorFinding {
  return { outcome: 'error', message: error.message };
}

function resultOf(
  { suite, relation, scope, period, runId, now }: RunChecksOptions,
  check: Check,
  finding: Finding | ErrorFinding,
  failingKeys: readonly RowKey[],
  durationMs: number,
): QualityResult {
  const identity = {
    resultId: randomUUID(),
    runId,
    dataset: suite.dataset,
    relation: `${relation.schema}.${relation.table}`,
    scope: scope === undefined ? null : describeCondition(scope),
    period: period ?? null,
    checkId: check.id,
    kind: check.kind,
    fingerprint: fingerprint(check),
    durationMs,
    checkedAt: now.toISOString(),
    failingKeys: [...failingKeys],
  };
  if (finding.outcome === 'error') {
    const nothing = { severity: null, observed: null, value: null };
    const counts = { tested: null, failing: null, expected: '' };
    return { ...identity, ...nothing, ...counts, ...finding, action: actionOf(check, 'error') };
  }
  const { outcome, observed, expected, value, tested, failing, note } = finding;
  return {
    ...identity,
    outcome,
    severity: outcome === 'failed' ? 'error' : outcome === 'warned' ? 'warn' : null,
    action: actionOf(check, outcome),
    observed,
    expected,
    value,
    tested: tested === null ? null : Number(tested),
    failing: failing === null ? null : Number(failing),
    message: [observed, note].filter((part) => part != null).join('; '),
  };
}

function actionOf(check: Check, outcome: QualityResult['outcome']): QualityResult['action'] {
  if (outcome === 'error') {
    // What nobody has judged is kept out; which rows to quarantine nobody knows.
    return check.action === 'refuse' ? 'refuse' : null;
  }
  if (outcome === 'failed') {
    return check.action ?? 'warn';
  }
  return outcome === 'warned' ? 'warn' : null;
}

function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

function ignore(): void {
  // See where it is used.
}
