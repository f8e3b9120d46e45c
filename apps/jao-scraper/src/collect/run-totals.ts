import type { PostgresRunTotals } from '@sluice/warehouse/postgres';

import type { DayWritten } from '../store/write-day.ts';

/** What became of the cells of one answer. */
export type AnswerTotals = Pick<
  DayWritten,
  'read' | 'added' | 'revised' | 'duplicate' | 'quarantined' | 'unchanged'
>;

/** The control totals of a run: cells of answers, and what became of them. */
export class RunTotals {
  #read = 0;
  #accepted = 0;
  #duplicate = 0;
  #quarantined = 0;
  #unchanged = 0;

  /** Takes an answer. What it had is told for itself, so that the sum of the rest proves something. */
  add({ read, added, revised, duplicate, quarantined, unchanged }: AnswerTotals): void {
    this.#read += read;
    this.#accepted += added + revised;
    this.#duplicate += duplicate;
    this.#quarantined += quarantined;
    this.#unchanged += unchanged;
  }

  get value(): PostgresRunTotals {
    return {
      read: this.#read,
      accepted: this.#accepted,
      duplicate: this.#duplicate,
      // Rows of one delivery period that differ are in quarantine, all of them: none has won.
      conflicting: 0,
      quarantined: this.#quarantined,
      refused: 0,
      unchanged: this.#unchanged,
    };
  }
}
