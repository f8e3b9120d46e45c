import type { PostgresError, PostgresErrorCode } from '@sluice/warehouse/postgres';

/** That nobody answers: what else is tried again was answered, and another was in the way. */
const awayCodes: ReadonlySet<PostgresErrorCode> = new Set([
  'UNREACHABLE',
  'CONNECTION_LOST',
  'COMMIT_UNKNOWN',
]);

/** Whether an error says that the database is away. */
export function isAway({ code }: PostgresError): boolean {
  return awayCodes.has(code);
}

/**
 * Tells once that the database is away, and once that it is back, however many of a run wait for it.
 *
 * Each side is told when it was asked what it tells of, as `performance.now()` had it: what was asked
 * before the last change is late news, and no change.
 */
export class DatabaseOutage {
  readonly #onNotice: (notice: string, details: Readonly<Record<string, unknown>>) => void;
  #isAway = false;
  #changedMs = Number.NEGATIVE_INFINITY;

  constructor(onNotice: (notice: string, details: Readonly<Record<string, unknown>>) => void) {
    this.#onNotice = onNotice;
  }

  /** Nobody answered, and somebody waits until somebody does. */
  noteAway(error: PostgresError, askedMs: number): void {
    if (!this.#isAway && askedMs > this.#changedMs) {
      this.#change();
      this.#onNotice('waiting for the database', { error: error.message });
    }
  }

  /** The database has done what it was asked for. */
  noteAnswer(askedMs: number): void {
    if (this.#isAway && askedMs > this.#changedMs) {
      const awayMs = this.#change();
      this.#onNotice('the database is back', { awayMs });
    }
  }

  /** Gives for how many whole milliseconds it was as it is no longer. */
  #change(): number {
    const nowMs = performance.now();
    const sinceMs = this.#changedMs;
    this.#isAway = !this.#isAway;
    this.#changedMs = nowMs;
    return Math.ceil(nowMs - sinceMs);
  }
}
