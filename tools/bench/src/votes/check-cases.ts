import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { Side } from '../bench-case.ts';
import { requireSuccess } from '../checks.ts';
import { parseOutput } from '../parse-output.ts';
import { runOrFail } from '../run-or-fail.ts';
import { scriptUrl } from '../script-url.ts';
import type { VotesCase } from './votes-case.ts';

const timesSchema = z.object({
  fastestMs: z.number().positive(),
  fastestCpuMs: z.number().positive(),
  wallMs: z.record(z.string(), z.number()),
  cpuMs: z.record(z.string(), z.number()),
  failing: z.array(z.int().min(0)),
});
/** Two rows have one Id. */
const leastRows = 10;

/** What it costs to check a table in process: on the clock, and in the processor. */
export const checkCases: readonly VotesCase[] = [
  compareChecks('suite', 'fastestMs'),
  compareChecks('suite-cpu', 'fastestCpuMs'),
];

function compareChecks(id: string, unit: 'fastestMs' | 'fastestCpuMs'): VotesCase {
  return {
    id,
    limits: [{ kind: 'ratio-at-most', value: 1.3 }],
    files: () => [],
    setUp: async (context) => {
      const rows = Math.max(leastRows, context.sizes.rows);
      const path = join(context.folder, 'votes.db');
      const make = fileURLToPath(scriptUrl('votes/make-checked-votes'));
      await runOrFail(context, 'make votes to check', [make, path, String(rows)]);
      const side = (label: string, way: string): Side => ({
        label,
        work: { rows, bytes: undefined },
        args: [fileURLToPath(scriptUrl('votes/measure-checks')), path, way],
        prepare: () => Promise.resolve(),
        check: (run) => {
          requireSuccess(label, run);
          return Promise.resolve(parseOutput(timesSchema, run.stdout, label).failing);
        },
        readSeconds: (run) => parseOutput(timesSchema, run.stdout, label)[unit] / 1_000,
      });
      return {
        a: side('30 counts by hand, in the fastest of three ways', 'hand'),
        b: side('30 checks, results and keys written', 'checks'),
      };
    },
  };
}
