import type { AnswerScan } from './answer-scan.ts';
import type { CellCounts } from './day-answer.ts';
import type { Verdict } from './place-rows.ts';

/** Counts the cells of an answer: all as they were read, and what of them is no data. */
export function countCells(scan: AnswerScan, verdicts: readonly Verdict[]): CellCounts {
  let read = 0;
  let duplicate = 0;
  let quarantined = 0;
  for (const [index, { memberCount, faults }] of scan.rows.entries()) {
    const verdict = verdicts[index];
    read += memberCount;
    if (verdict?.is === 'duplicate') {
      duplicate += memberCount;
    } else {
      quarantined += verdict?.is === 'kept' ? faults.length : memberCount;
    }
  }
  return { read, duplicate, quarantined };
}
