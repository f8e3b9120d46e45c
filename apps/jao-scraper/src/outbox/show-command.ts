import { CommandError, printable, printJson } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { jaoEventSchema } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { isNamedSql, parseEventIds } from './event-ids.ts';
import {
  outboxEntryCells,
  outboxEntryColumns,
  outboxEntryRow,
  printedOutboxColumns,
} from './outbox-entry.ts';
import { bodyOfEvent, outboxEventColumns, outboxEventRow } from './outbox-event.ts';

/** The options of `outbox show`. */
export interface OutboxShowOptions {
  readonly args: readonly string[];
  readonly format: 'table' | 'json';
}

/** `jao-scraper outbox show`: what became of one event, and what receivers get of it. */
export async function outboxShowCommand(
  context: CommandContext,
  { args, format }: OutboxShowOptions,
): Promise<ExitCode> {
  const ids = parseEventIds(args);
  const { entry, event } = await readDatabase(
    context,
    async (tx) => ({
      entry: await tx.rows(
        outboxEntryRow,
        `select ${outboxEntryColumns} from ops.outbox o where ${isNamedSql}`,
        [ids],
      ),
      event: await tx.rows(
        outboxEventRow,
        `select ${outboxEventColumns} from ops.outbox o where ${isNamedSql}`,
        [ids],
      ),
    }),
    'worker',
  );
  const [row] = entry;
  const [written] = event;
  if (row === undefined || written === undefined) {
    throw new CommandError(
      `there is no event ${ids.join(', ')}; jao-scraper outbox list --state all has those that are kept`,
      { exitCode: exitCodes.usage },
    );
  }
  const sent = jaoEventSchema.parse(JSON.parse(bodyOfEvent(written)));
  const cells = outboxEntryCells(row);
  if (format === 'json') {
    const members = printedOutboxColumns.map(
      ({ member }, index) => [member, cells[index]] as const,
    );
    printJson(context, { ...Object.fromEntries(members), event: sent });
    return exitCodes.done;
  }
  const width = Math.max(...printedOutboxColumns.map(({ name }) => name.length)) + 2;
  for (const [index, { name }] of printedOutboxColumns.entries()) {
    const cell = cells[index] ?? '';
    const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
    context.output.write(`${name.padEnd(width)}${printable(text)}\n`);
  }
  context.output.write(`\n${JSON.stringify(sent, null, 2)}\n`);
  return exitCodes.done;
}
