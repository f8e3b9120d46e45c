import type { RandomAnswer } from './random-answers.ts';

/** One version of a cell, as the rules want it. */
export interface ModelVersion {
  readonly key: string;
  readonly startMs: number;
  readonly value: number | null;
  readonly withdrawn: boolean;
  readonly attemptId: number;
}

/** The rules of a business day, cell by cell, without a thought for speed. */
export class DayModel {
  readonly versions: ModelVersion[] = [];
  readonly #newest = new Map<string, ModelVersion>();
  readonly #expectedRows: number;

  constructor(expectedRows: number) {
    this.#expectedRows = expectedRows;
  }

  /**
   * Takes an answer. Whether a doubtful one withdraws depends on the time, so it is told; gives how many
   * cells it may withdraw, and how many it must.
   */
  take(
    { rows }: RandomAnswer,
    { attemptId, hasWithdrawn }: { readonly attemptId: number; readonly hasWithdrawn: boolean },
  ): { readonly may: number; readonly must: number } {
    for (const [startMs, row] of rows) {
      for (const [key, cell] of Object.entries(row)) {
        if (typeof cell === 'number' || cell === null) {
          this.#add({ key, startMs, value: cell, withdrawn: false, attemptId });
        }
      }
    }
    const lacking = [...this.#newest.values()].filter(
      ({ key, startMs, withdrawn }) => !withdrawn && rows.get(startMs)?.[key] === undefined,
    );
    // Rows without any key are no answer about the day's keys, however many there are.
    const hasKeys = [...rows.values()].some((row) =>
      Object.values(row).some((cell) => cell !== undefined),
    );
    const isComplete = rows.size === this.#expectedRows && hasKeys;
    if (isComplete || hasWithdrawn) {
      for (const { key, startMs } of lacking) {
        this.#add({ key, startMs, value: null, withdrawn: true, attemptId });
      }
    }
    return { may: lacking.length, must: isComplete ? lacking.length : 0 };
  }

  #add(version: ModelVersion): void {
    const name = `${version.key} ${String(version.startMs)}`;
    const newest = this.#newest.get(name);
    if (newest?.value === version.value && newest.withdrawn === version.withdrawn) {
      return;
    }
    this.#newest.set(name, version);
    this.versions.push(version);
  }
}
