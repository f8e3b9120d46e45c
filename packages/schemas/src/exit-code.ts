/**
 * Exit codes of every app. `interrupted` and `terminated` are 128 plus the signal's number, as a
 * shell reports them.
 */
export const exitCodes = {
  /** All was done. */
  done: 0,
  /** It failed, and nothing was changed. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** It was done, but the data fell short: a gate, a check, coverage. */
  fellShort: 3,
  /** The warehouse or the database is held by another process, or out of reach. */
  unavailable: 4,
  /** Stopped by SIGINT, cleanly. */
  interrupted: 130,
  /** Stopped by SIGTERM, cleanly. */
  terminated: 143,
} as const;

/** A value of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
