import type { TextRow } from '../compile/check-plan.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { Statement } from '../sql/sql.ts';

/** What can be asked of an engine, all of it about one moment where the engine has several writers. */
export interface EngineSession {
  /** The rows of a statement whose columns are all texts. */
  readonly rows: (statement: Statement) => Promise<TextRow[]>;
  /** A statement that gives no rows. */
  readonly run: (statement: Statement) => Promise<void>;
  /** The rows of a statement, as `rows` gives them, a batch at a time, in bounded memory. */
  readonly stream: (
    statement: Statement,
    onBatch: (rows: readonly TextRow[]) => Promise<void> | void,
  ) => Promise<void>;
  /** Runs `work` such that its failure leaves the session usable, as far as the engine allows. */
  readonly isolated: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** An engine that has the data; `./duckdb` and `./postgres` make one of a handle. */
export interface QualityEngine {
  readonly dialect: Dialect;
  /**
   * Whether the figures of several checks are read in one statement. Where a statement that fails ends
   * the session, and each check reads for itself, the first result `error` is the check to blame.
   */
  readonly sharesScan: boolean;
  readonly read: <Result>(work: (session: EngineSession) => Promise<Result>) => Promise<Result>;
  /** All of what `work` writes is kept, or nothing of it. */
  readonly write: <Result>(work: (session: EngineSession) => Promise<Result>) => Promise<Result>;
}
