import { CommandError } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';

const idPattern = /^(?:[1-9]\d{0,14}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

/** For SQL on `ops.outbox o`: whether an event is one of those that $1, an array of text, names. */
export const isNamedSql = '(o.event_id::text = any($1::text[]) or o.id::text = any($1))';

/**
 * The ids of events, each once: their numbers here, or what receivers know them by.
 *
 * @throws {CommandError} wrong usage: no id.
 */
export function parseEventIds(given: readonly string[]): readonly string[] {
  const ids = given.map((text) => text.toLowerCase());
  const wrong = ids.filter((text) => !idPattern.test(text));
  if (wrong.length > 0) {
    throw new CommandError(
      `${wrong.map((text) => JSON.stringify(text)).join(', ')}: an event has a whole number, and an id with ` +
        'dashes; jao-scraper outbox list has both',
      { exitCode: exitCodes.usage },
    );
  }
  return [...new Set(ids)];
}
