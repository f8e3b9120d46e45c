import { CommandError, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import { addDays, daysBetween, isBusinessDay, lastPublishedDay } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';

/** A month, both ends included. */
const defaultDays = 31;

/** The ends of a period as they were given, both included. */
export interface PeriodOptions {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * The business days of a period, ascending: by default the past month to the last published day. Days
 * before the dataset's first one are left out.
 *
 * @throws {CommandError} where an end is no day, the period ends before it begins, or lies wholly
 * before the dataset does.
 */
export function readPeriod(
  contract: DatasetContract,
  options: PeriodOptions,
  now: Date,
): readonly BusinessDay[] {
  const to = readDay('--to', options.to) ?? lastPublishedDay(contract, now.getTime());
  const from = readDay('--from', options.from) ?? addDays(to, 1 - defaultDays);
  if (from > to) {
    throw usageError(
      `--from ${from} is after --to ${to}${options.to === undefined ? ', the last published day' : ''}`,
    );
  }
  if (to < contract.firstBusinessDay) {
    throw usageError(`${contract.name} begins with ${contract.firstBusinessDay}, after --to ${to}`);
  }
  return daysBetween(from < contract.firstBusinessDay ? contract.firstBusinessDay : from, to);
}

/** A period that was asked for of a dataset. */
export interface AskedPeriod {
  readonly contract: DatasetContract;
  readonly options: PeriodOptions;
  readonly now: Date;
}

/** The days of {@link readPeriod}; {@link sayBounds} says what they are not. */
export function takePeriod(
  context: Pick<CommandContext, 'program' | 'messages'>,
  asked: AskedPeriod,
): readonly BusinessDay[] {
  const days = readPeriod(asked.contract, asked.options, asked.now);
  sayBounds(context, asked);
  return days;
}

/** Says on standard error where a dataset begins after `--from`, and where it is not published up to `--to`. */
export function sayBounds(
  context: Pick<CommandContext, 'program' | 'messages'>,
  { contract: { name, firstBusinessDay, ...calendar }, options: { from, to }, now }: AskedPeriod,
): void {
  if (from !== undefined && from < firstBusinessDay) {
    say(
      context,
      `${name} begins with ${firstBusinessDay}: that is the first day, not --from ${from}`,
    );
  }
  const last = lastPublishedDay(calendar, now.getTime());
  // The day after it may be there before it is due.
  if (to !== undefined && to > addDays(last, 1)) {
    say(context, `${name} is published up to ${last}: there is nothing yet up to --to ${to}`);
  }
}

/**
 * Refuses days that nobody can have published: those after the one that follows the last published
 * day, which may come before its due time.
 *
 * @throws {CommandError} that says which day is the last.
 */
export function refuseFutureDays(
  contract: DatasetContract,
  days: readonly BusinessDay[],
  now: Date,
): void {
  const published = lastPublishedDay(contract, now.getTime());
  const last = days.at(-1);
  if (last !== undefined && last > addDays(published, 1)) {
    throw usageError(
      `--to ${last}: the last published day of ${contract.name} is ${published}, and none but the next ` +
        'can be asked for before it is due',
    );
  }
}

/**
 * Reads a business day of the command line. Absent stays absent.
 *
 * @throws {CommandError} for anything else.
 */
export function readDay(flag: string, text: string | undefined): BusinessDay | undefined {
  if (text !== undefined && !isBusinessDay(text)) {
    throw usageError(`${flag}: ${JSON.stringify(text)} is no business day such as 2026-04-20`);
  }
  return text;
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
