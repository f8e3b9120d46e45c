import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

import type { BenchOptions } from './bench-options.ts';
import { votesCases } from './cases/votes-cases.ts';
import { measureCase } from './measure-case.ts';
import type { CaseResult } from './measure-case.ts';
import type { FailedCase } from './print-results.ts';
import { createVotesFiles } from './votes-files.ts';

/**
 * Runs the cases one after the other in a temporary folder, which is removed at the end unless it is
 * to be kept. A case that fails does not end the others.
 *
 * @throws the signal's reason when it was aborted.
 */
export async function runVotesBench({
  options,
  messages,
  signal,
}: {
  readonly options: BenchOptions;
  /** Takes the progress, in lines. */
  readonly messages: Writable;
  readonly signal: AbortSignal;
}): Promise<(CaseResult | FailedCase)[]> {
  const { sizes, only, keeps } = options;
  const cases = votesCases.filter(({ id }) => only?.includes(id) ?? true);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const say = (text: string): void => {
    messages.write(`bench: ${text}\n`);
  };
  try {
    const files = await createVotesFiles({ folder: join(folder, 'files'), signal });
    const results: (CaseResult | FailedCase)[] = [];
    for (const [index, benchCase] of cases.entries()) {
      const { id } = benchCase;
      say(id);
      const context = { sizes, folder: join(folder, id), files, signal };
      try {
        const result = await measureCase({
          benchCase,
          context,
          pairCount: options.pairs,
          keeps,
          onPair: ({ a, b }) => {
            const ratio = (b.seconds / a.seconds).toFixed(2);
            say(`${id}: A ${a.seconds.toFixed(3)} s, B ${b.seconds.toFixed(3)} s, B / A ${ratio}`);
          },
        });
        results.push(result);
      } catch (cause) {
        signal.throwIfAborted();
        const error = cause instanceof Error ? cause.message : String(cause);
        say(`${id} failed: ${error}`);
        results.push({ id, error });
      }
      // What no later case reads makes room: 50 M rows are 5 GB.
      if (!keeps) {
        await files.removeAllBut(cases.slice(index + 1).flatMap((later) => later.files(sizes)));
      }
    }
    return results;
  } finally {
    if (keeps) say(`kept ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}
