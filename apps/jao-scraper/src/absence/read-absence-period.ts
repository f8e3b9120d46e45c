import { CommandError, readInstant } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import {
  addDays,
  businessDayBounds,
  businessDayOf,
  deliveryStarts,
  stepMinutes,
} from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';

import { readDay } from '../datasets/read-period.ts';

/** Delivery starts from `start` on, up to `end`. */
export interface AbsencePeriod {
  readonly start: Date;
  readonly end: Date;
}

/**
 * Reads a period of business days, both included, or of instants, the last one not included; an end may
 * be the one and the other the other.
 *
 * @throws {CommandError} where an end is neither, or no cell of the dataset begins between them.
 */
export function readAbsencePeriod(
  contract: DatasetContract,
  { from, to }: { readonly from: string; readonly to: string },
): AbsencePeriod {
  const start = isDay(from)
    ? new Date(businessDayBounds(contract, readDay('--from', from) ?? from).startMs)
    : requireInstant('--from', from);
  const end = isDay(to)
    ? new Date(businessDayBounds(contract, readDay('--to', to) ?? to).endMs)
    : requireInstant('--to', to);
  const firstMs = businessDayBounds(contract, contract.firstBusinessDay).startMs;
  if (end.getTime() <= firstMs) {
    throw usageError(
      `${contract.name} begins with ${contract.firstBusinessDay}, after --to ${to}: nothing is expected before`,
    );
  }
  const day = businessDayOf(contract, start.getTime());
  const isAnyCell = [day, addDays(day, 1)]
    // Where the step is assumed, a day may turn out to have the finer one.
    .flatMap((each) =>
      deliveryStarts(contract, each, contract.stepIsAssumed ? 15 : stepMinutes(contract, each)),
    )
    .some((startMs) => startMs >= start.getTime() && startMs < end.getTime());
  if (!isAnyCell) {
    throw usageError(`no cell of ${contract.name} begins from --from ${from} up to --to ${to}`);
  }
  return { start, end };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}

function requireInstant(flag: string, text: string): Date {
  const instant = text.includes('T') ? readInstant(flag, text) : undefined;
  if (instant === undefined) {
    throw usageError(
      `${flag}: ${JSON.stringify(text)} is neither a business day such as 2026-04-20 nor an instant such as ` +
        '2026-04-20T09:30:00Z',
    );
  }
  return instant;
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
