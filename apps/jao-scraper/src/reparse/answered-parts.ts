import type { DayTable, QuarantinedPart } from '@sluice/schemas/jao';

import { markOfEntry, markOfPart } from '../replay/quarantine-mark.ts';
import type { QuarantineEntry } from '../replay/stored-record.ts';
import { isAnswered, isWholeAnswer } from '../store/answered-entries.ts';
import { hasEveryPeriod } from '../store/name-state.ts';

/** What of the quarantine of a business day later answers have, told as its payloads are read in order. */
export class AnsweredParts {
  readonly #open = new Map<string, QuarantinedPart>();
  readonly #answered = new Set<string>();
  #lastWholeId = 0;

  /** Takes the payload of an attempt, without what was held back from it. */
  takePayload(table: DayTable): void {
    const isWhole = hasEveryPeriod(table);
    for (const [mark, part] of this.#open) {
      if (isAnswered(part, { table, isWhole })) {
        this.#open.delete(mark);
        this.#answered.add(mark);
      }
    }
    for (const part of table.quarantined) {
      const mark = markOfPart(part);
      this.#open.set(mark, part);
      this.#answered.delete(mark);
    }
  }

  /** Takes an attempt after which the day has every delivery period. */
  takeWhole(attemptId: number): void {
    this.#lastWholeId = attemptId;
  }

  /** Whether a later answer has what an entry is about. */
  has(entry: QuarantineEntry): boolean {
    const { seriesKey: key, deliveryStartMs, reason, attemptId } = entry;
    return isWholeAnswer({ key, deliveryStartMs, reason })
      ? attemptId < this.#lastWholeId
      : this.#answered.has(markOfEntry(entry));
  }
}
