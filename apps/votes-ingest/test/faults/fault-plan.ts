/** The environment variable that carries a {@link FaultPlan} to `fault-preload.ts`, as JSON. */
export const faultPlanVariable = 'SLUICE_TEST_FAULT_PLAN';

/** Where the preload reports calls: `> name` when one begins, `< name` when it has ended. */
export const reportDescriptor = 3;

/** What goes wrong in a process, and at which of its calls to DuckDB and to the file system. */
export interface FaultPlan {
  /** The number of the call, from 1. */
  readonly at: number;
  /**
   * `before`, `during` and `after`: the process is killed then. `instead`: the call is not made, and
   * fails as if the disk were full.
   */
  readonly moment: 'before' | 'during' | 'after' | 'instead';
  /** How far into the call, for `during`. */
  readonly microseconds?: number;
}
