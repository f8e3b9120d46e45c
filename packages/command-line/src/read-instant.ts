import { exitCodes } from '@sluice/schemas';
import { z } from 'zod';

import { CommandError } from './errors.ts';

const instantSchema = z.iso.datetime({ offset: true });

/**
 * Reads an instant of the command line: ISO 8601 with a zone, since a time without one means another
 * moment to whoever sits elsewhere. Absent stays absent.
 *
 * @throws {CommandError} for anything else.
 */
export function readInstant(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) {
    return undefined;
  }
  const withSeconds = text.replace(/(T\d\d:\d\d)(?=Z|[+-])/, '$1:00');
  if (!instantSchema.safeParse(withSeconds).success) {
    throw new CommandError(
      `${flag}: ${JSON.stringify(text)} is no instant such as 2026-04-20T09:30:00Z or ` +
        '2026-04-20T11:30:00+02:00: date, time, and Z or an offset',
      { exitCode: exitCodes.usage },
    );
  }
  return new Date(withSeconds);
}

/**
 * Reads the time as of which something is asked for.
 *
 * @throws {CommandError} where it is none, or still to come: nobody knows what will be known then; or
 * before 1970, when nothing was.
 */
export function readPastInstant(
  flag: string,
  text: string | undefined,
  now: Date,
): Date | undefined {
  const instant = readInstant(flag, text);
  const refuse = (why: string): CommandError =>
    new CommandError(`${flag}: ${String(text)} is ${why}`, { exitCode: exitCodes.usage });
  if (instant !== undefined && instant > now) {
    throw refuse('still to come');
  }
  if (instant !== undefined && instant.getTime() < 0) {
    throw refuse('before 1970, when nothing was known');
  }
  return instant;
}
