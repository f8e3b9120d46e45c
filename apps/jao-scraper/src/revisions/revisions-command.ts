import { CommandError, readInstant, say } from '@sluice/command-line';
import type { CellValue, Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { businessDayBounds } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';
import { readDay } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { columnsNamed, printRows } from '../reading/print-rows.ts';
import { refuseUnknownKeys } from '../reading/refuse-unknown-keys.ts';
import { streamRevisions } from './revisions-query.ts';
import type { RevisionsQuestion } from './revisions-query.ts';

/** The options of `revisions`. */
export interface RevisionsOptions {
  readonly dataset?: readonly string[];
  readonly key?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly from?: string;
  readonly to?: string;
  readonly format: Format;
}

const columns = columnsNamed([
  'region',
  'dataset',
  'key',
  'delivery_start',
  'revision',
  'old_value',
  'new_value',
  'withdrawn',
  'known_from',
]);

/**
 * `jao-scraper revisions`: what changed after its first version, from what to what, and when we
 * learned it; in that order.
 */
export async function revisionsCommand(
  context: CommandContext,
  options: RevisionsOptions,
): Promise<ExitCode> {
  const known = {
    since: readInstant('--since', options.since),
    until: readInstant('--until', options.until),
  };
  if (known.since !== undefined && known.until !== undefined && known.since >= known.until) {
    throw usageError(
      `--since ${String(options.since)} is not before --until ${String(options.until)}`,
    );
  }
  const questions = selectDatasets(options.dataset).map((contract): RevisionsQuestion => ({
    contract,
    keys: options.key,
    known,
    delivery: readDelivery(contract, options),
  }));
  await readDatabase(context, async (tx) => {
    await refuseUnknownKeys(tx, {
      keys: options.key,
      datasets: questions.map(({ contract }) => contract.name),
    });
    async function* rows(): AsyncGenerator<CellValue[][]> {
      for (const question of questions) {
        for await (const revisions of streamRevisions(tx, question)) {
          yield revisions.map((revision) => [
            revision.region,
            revision.dataset,
            revision.key,
            revision.deliveryStart.toISOString(),
            revision.revision,
            revision.oldValue,
            revision.newValue,
            revision.withdrawn,
            revision.knownFrom.toISOString(),
          ]);
        }
      }
    }
    const count = await printRows(context, options.format, columns, rows());
    if (count === 0) {
      say(context, 'nothing that was asked for was revised');
    }
  });
  return exitCodes.done;
}

/** The delivery periods of whole business days, both days included. */
function readDelivery(
  contract: DatasetContract,
  options: Pick<RevisionsOptions, 'from' | 'to'>,
): RevisionsQuestion['delivery'] {
  const from = readDay('--from', options.from);
  const to = readDay('--to', options.to);
  if (from !== undefined && to !== undefined && from > to) {
    throw usageError(`--from ${from} is after --to ${to}`);
  }
  return {
    startMs: from === undefined ? undefined : businessDayBounds(contract, from).startMs,
    endMs: to === undefined ? undefined : businessDayBounds(contract, to).endMs,
  };
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
