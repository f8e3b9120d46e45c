import { ingest } from './sides.ts';
import type { VotesCase, VotesSizes } from './votes-case.ts';
import type { VotesFileOptions } from './votes-files.ts';

/** Given to DuckDB on both sides. */
const memoryLimit = '1GB';
const maxPeakBytes = 1.5e9;

/** How the time per row and the memory of an ingest grow with its input. */
export const growthCases: readonly VotesCase[] = [
  growth('growth', {}),
  growth('growth-random', { order: 'random' }),
];

function growth(id: string, options: Omit<VotesFileOptions, 'rows'>): VotesCase {
  const small = ({ smallRows }: VotesSizes) => ({ ...options, rows: smallRows });
  const large = ({ largeRows }: VotesSizes) => ({ ...options, rows: largeRows });
  return {
    id,
    isPerRow: true,
    limits: [
      { kind: 'ratio-at-most', value: 1.3 },
      { kind: 'peak-at-most', value: maxPeakBytes },
    ],
    files: (sizes) => [small(sizes), large(sizes)],
    setUp: async (context) => {
      const side = async (name: 'a' | 'b', file: VotesFileOptions) =>
        ingest(context, {
          side: name,
          label: `votes-ingest ingest, ${file.rows.toLocaleString('en')} rows at ${memoryLimit}`,
          file: await context.files.make(file),
          flags: ['--memory-limit', memoryLimit],
          isCompared: false,
        });
      return {
        a: await side('a', small(context.sizes)),
        b: await side('b', large(context.sizes)),
      };
    },
  };
}
