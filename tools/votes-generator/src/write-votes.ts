import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';

import { compressVotes } from './compress-votes.ts';
import type { GeneratorConfig } from './config.ts';
import type { VotesTotals } from './expected-totals.ts';
import { generateVotes } from './generate-votes.ts';
import { writeOutput } from './write-output.ts';

/**
 * Writes the file that the configuration asks for, and returns its totals.
 *
 * @throws {RangeError} for options that are out of their range, before anything is written.
 */
export async function writeVotes({
  config,
  stdout,
  signal,
}: {
  readonly config: GeneratorConfig;
  readonly stdout: Writable;
  readonly signal: AbortSignal;
}): Promise<VotesTotals | undefined> {
  const { votes, compression, memberBytes, out } = config;
  const generated = generateVotes(votes);
  let totals: VotesTotals | undefined;
  function* chunksOf(): Generator<Uint8Array, void, void> {
    totals = yield* generated;
  }
  const chunks = chunksOf();
  const bytes =
    compression === undefined ? chunks : compressVotes({ chunks, compression, memberBytes });
  const source = Readable.from(bytes, { objectMode: false });
  await writeOutput({ source, path: out, stdout, signal });
  return totals;
}
