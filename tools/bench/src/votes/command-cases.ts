import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { requireSuccess } from '../checks.ts';
import { BenchError } from '../errors.ts';
import { parseOutput } from '../parse-output.ts';
import { runOrFail } from '../run-or-fail.ts';
import type { ProcessRun } from '../run-process.ts';
import { scriptUrl } from '../script-url.ts';
import { prepareWarehouse, votesIngest, warehouseIn } from './sides.ts';
import type { VotesCase } from './votes-case.ts';

const outlierWeeksSchema = z.array(
  z.strictObject({ Year: z.int(), WeekNumber: z.int(), VoteCount: z.int() }),
);

const nothing = { rows: undefined, bytes: undefined };

/** Commands other than `ingest`. */
export const commandCases: readonly VotesCase[] = [
  {
    id: 'outliers',
    limits: [{ kind: 'seconds-more-at-most', value: 0.2 }],
    files: ({ rows }) => [{ rows }],
    setUp: async (context) => {
      const file = await context.files.make({ rows: context.sizes.rows });
      const databasePath = warehouseIn(await prepareWarehouse(context, file));
      const command = [votesIngest, 'outliers', '--warehouse', databasePath, '--format', 'json'];
      // Makes the view, whose SQL side A runs as it is.
      await runOrFail(context, 'make the view of outliers', command);
      const work = { rows: file.totals.accepted, bytes: undefined };
      const prepare = () => Promise.resolve();
      const side = (label: string, args: readonly string[]) => ({
        label,
        work,
        args,
        prepare,
        check: (run: ProcessRun) => {
          requireSuccess(label, run);
          return Promise.resolve(parseOutput(outlierWeeksSchema, run.stdout, label));
        },
      });
      const script = fileURLToPath(scriptUrl('votes/yardstick/read-outliers'));
      return {
        a: side('bare DuckDB: the same SQL', [script, databasePath]),
        b: side('votes-ingest outliers --format json', command),
      };
    },
  },
  {
    id: 'help',
    isStartOnly: true,
    limits: [{ kind: 'ratio-at-most', value: 3 }],
    files: () => [],
    setUp: () => {
      const prepare = () => Promise.resolve();
      const side = (label: string, args: readonly string[], says: string) => ({
        label,
        work: nothing,
        args,
        prepare,
        check: (run: ProcessRun) => {
          requireSuccess(label, run);
          if (!run.stdout.startsWith(says)) {
            throw new BenchError(`${label}: it did not print '${says}…'`);
          }
          return Promise.resolve(undefined);
        },
      });
      return Promise.resolve({
        a: side('node -e 0', ['-e', '0'], ''),
        b: side('votes-ingest --help', [votesIngest, '--help'], 'Usage: votes-ingest'),
      });
    },
  },
];
