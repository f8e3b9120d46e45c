import { CommandError, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { outboxStates } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { printRows } from '../reading/print-rows.ts';
import {
  outboxEntryCells,
  outboxEntryColumns,
  outboxEntryRow,
  printedOutboxColumns,
} from './outbox-entry.ts';
import { isOutboxOn } from './outbox-switch.ts';

/** The options of `outbox list`. */
export interface OutboxListOptions {
  readonly state?: readonly string[];
  readonly dataset?: readonly string[];
  readonly format: Format;
}

/**
 * `jao-scraper outbox list`: events, those that are not delivered unless others are asked for, by id; and
 * says where none are written.
 */
export async function outboxListCommand(
  context: CommandContext,
  { state = ['pending', 'dead'], dataset, format }: OutboxListOptions,
): Promise<ExitCode> {
  const unknown = state.filter((name) => ![...outboxStates, 'all'].some((known) => known === name));
  if (unknown.length > 0) {
    throw new CommandError(
      `--state ${unknown.map((name) => JSON.stringify(name)).join(', ')}: there are ` +
        [...outboxStates, 'all'].join(', '),
      { exitCode: exitCodes.usage },
    );
  }
  const datasets = dataset === undefined ? null : selectDatasets(dataset).map(({ name }) => name);
  await readDatabase(
    context,
    async (tx) => {
      const batches = tx.stream(
        outboxEntryRow,
        `select ${outboxEntryColumns} from ops.outbox o
         where (o.state = any($1::text[]) or 'all' = any($1)) and ($2::text[] is null or o.dataset = any($2))
         order by o.event_id`,
        [state, datasets],
      );
      async function* cells() {
        for await (const rows of batches) {
          yield rows.map(outboxEntryCells);
        }
      }
      const count = await printRows(context, format, printedOutboxColumns, cells());
      if (count === 0) {
        say(context, 'no such event is in the outbox');
      }
      if (!(await isOutboxOn(tx))) {
        say(context, 'no events are written: that begins with a watch that has a webhook');
      }
    },
    'worker',
  );
  return exitCodes.done;
}
