import { hasFailingKeys } from '@sluice/schemas/expectations';
import type {
  ArrivalCalendar,
  Condition,
  ExpectationSuite,
  RelationName,
  RowKey,
} from '@sluice/schemas/expectations';

import { CheckContext } from '../compile/check-context.ts';
import type { CheckPlan, TextRow } from '../compile/check-plan.ts';
import { compileCheck, failingKeysStatement } from '../compile/compile-check.ts';
import { readKey } from '../compile/key-values.ts';
import { expandExpectation } from '../declaration/expand-expectation.ts';
import type { Check } from '../declaration/expand-expectation.ts';
import type { QualityEngine } from '../engine/engine.ts';
import { QualityError } from '../errors.ts';
import type { Dialect } from '../sql/dialect.ts';
import { renderStatement, sql } from '../sql/sql.ts';
import type { Statement } from '../sql/sql.ts';
import { readAnswers } from './read-answers.ts';

/** Which check of rows, and where. */
export interface FailingRowsOf {
  readonly suite: ExpectationSuite;
  /** As results name it: of a `missing`, with its part. */
  readonly checkId: string;
  readonly relation: RelationName;
  /** Only rows for which it holds, as in a run. @default all rows */
  readonly scope?: Condition | undefined;
}

/** Which check, and by what it knows which slots are due. */
export interface FailingKeysOf extends FailingRowsOf {
  /** Without it, gaps of a calendar are skipped, and have no key. */
  readonly calendar?: ArrivalCalendar | undefined;
  /** By when slots are due. @default 1970, when none was */
  readonly now?: Date | undefined;
}

/**
 * Hands over the keys of all that fails a check, a batch at a time: of rows in the order of the keys; of
 * `same_rows` all keys that differ; of `gaps`, `schema` and sets the slots, columns and values. Gives how
 * many there were.
 *
 * @throws {QualityError} where there is no such check, nothing that fails it has a key, or it can not be
 * evaluated; and what the engine throws.
 */
export async function readFailingKeys(
  engine: QualityEngine,
  failing: FailingKeysOf,
  onBatch: (keys: readonly RowKey[]) => Promise<void> | void,
): Promise<number> {
  const { context, check, plan } = compileNamed(engine.dialect, failing);
  const { failingRows, failingList } = plan;
  if (!hasFailingKeys(check.kind)) {
    throw wholeTable(failing);
  }
  if (failingRows === undefined && failingList === undefined) {
    const answers = await engine.read((session) => readAnswers(session, plan.queries));
    const { failingKeys = [] } = plan.judge([], answers);
    if (failingKeys.length > 0) {
      await onBatch(failingKeys);
    }
    return failingKeys.length;
  }
  const { statement, read } =
    failingList === undefined
      ? {
          statement: failingKeysStatement(context, failingRows ?? sql``),
          read: (row: TextRow) => readKey(context, row),
        }
      : { statement: renderStatement(failingList.select), read: failingList.read };
  let count = 0;
  await engine.read((session) =>
    session.stream(statement, async (rows) => {
      count += rows.length;
      await onBatch(rows.map(read));
    }),
  );
  return count;
}

/**
 * A statement that gives the rows that fail a check, with all their columns as they are, each once: to
 * be put into `insert into … <text>`, for a quarantine. Its parameters are `$1` to `$n`.
 *
 * @throws {QualityError} where there is no such check, it is not about rows, or can not be evaluated.
 */
export function failingRowsStatement(dialect: Dialect, check: FailingRowsOf): Statement {
  const { failingRows } = compileNamed(dialect, check).plan;
  if (failingRows === undefined) {
    throw wholeTable(check);
  }
  return renderStatement(sql`select t.*${failingRows}`);
}

function compileNamed(
  dialect: Dialect,
  { suite, checkId, relation, scope, calendar, now = new Date(0) }: FailingKeysOf,
): { readonly context: CheckContext; readonly check: Check; readonly plan: CheckPlan } {
  const check = suite.expectations.flatMap(expandExpectation).find(({ id }) => id === checkId);
  if (check === undefined) {
    throw new QualityError('DECLARATION', `${suite.dataset} has no check ${checkId}`);
  }
  const context = new CheckContext({
    dialect,
    relation,
    scope,
    shape: suite.shape,
    calendar,
    now,
  });
  return { context, check, plan: compileCheck(context, check) };
}

function wholeTable({ checkId }: FailingRowsOf): QualityError {
  return new QualityError(
    'DECLARATION',
    `${checkId} is about the whole table, and no row fails it`,
  );
}
