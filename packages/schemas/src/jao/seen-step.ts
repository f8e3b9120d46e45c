import type { BusinessDay, DatasetContract, StepMinutes } from './dataset-contract.ts';
import { deliveryStarts, stepMinutes } from './publication-calendar.ts';

const millisecondsPerHour = 3_600_000;

/**
 * The step that delivery periods of a day are in, in minutes, told by their starts in epoch milliseconds,
 * each given once: the contract's, unless that is an assumed one and the starts say otherwise.
 */
export function stepOfStarts(
  contract: DatasetContract,
  day: BusinessDay,
  startsMs: Iterable<number>,
): StepMinutes {
  const seen = contract.stepIsAssumed ? seenStep(contract, day, startsMs) : undefined;
  return seen ?? stepMinutes(contract, day);
}

/**
 * The step that starts are in by their majority, so that one stray or missing row changes nothing:
 * quarters of an hour where more of them lie between full hours than on them, hours where none lies
 * between and more than half of the day's hours are there; undefined where they do not tell.
 */
export function seenStep(
  contract: DatasetContract,
  day: BusinessDay,
  startsMs: Iterable<number>,
): StepMinutes | undefined {
  let onTheHour = 0;
  let between = 0;
  for (const startMs of startsMs) {
    if (startMs % millisecondsPerHour === 0) {
      onTheHour += 1;
    } else {
      between += 1;
    }
  }
  if (between > onTheHour) {
    return 15;
  }
  const hoursOfDay = deliveryStarts(contract, day, 60).length;
  return between === 0 && onTheHour * 2 > hoursOfDay ? 60 : undefined;
}
