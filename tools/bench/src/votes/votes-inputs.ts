import { join } from 'node:path';

import type { BenchInputs } from '../run-bench.ts';
import type { VotesCase, VotesContext, VotesSizes } from './votes-case.ts';
import { createVotesFiles } from './votes-files.ts';

/** The files of the cases about votes, under `folder`. */
export async function openVotesInputs(
  folder: string,
  {
    sizes,
    keeps,
    signal,
  }: { readonly sizes: VotesSizes; readonly keeps: boolean; readonly signal: AbortSignal },
): Promise<BenchInputs<VotesCase, VotesContext>> {
  const files = await createVotesFiles({ folder: join(folder, 'files'), signal });
  return {
    contextOf: (context) => ({ ...context, sizes, files }),
    // What no later case reads makes room: 50 M rows are 5 GB.
    removeAllBut: async (cases) => {
      if (!keeps) await files.removeAllBut(cases.flatMap((later) => later.files(sizes)));
    },
    close: () => Promise.resolve(),
  };
}
