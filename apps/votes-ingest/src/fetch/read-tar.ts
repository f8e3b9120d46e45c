import { Parser, type ReadEntry } from 'tar';

import type { AdmittedFile, ArchiveGuard } from './archive-guard.ts';
import { FetchError } from './fetch-error.ts';

/** What to do next to unpack an archive; the steps of one file are not mixed with another's. */
export type TarStep =
  | { readonly kind: 'begin'; readonly file: AdmittedFile }
  | { readonly kind: 'write'; readonly bytes: Buffer }
  | { readonly kind: 'end' };

/**
 * The steps to unpack the tar archive in `chunks` (not compressed), as the guard allows them.
 *
 * The parser works within one call and holds back nothing, so no more than a chunk is in memory.
 *
 * @throws {FetchError} what the guard throws; `UNSAFE_ARCHIVE` for an archive that is damaged or was cut.
 */
export async function* readTar(
  chunks: AsyncIterable<Buffer>,
  { guard, label }: { readonly guard: ArchiveGuard; readonly label: string },
): AsyncGenerator<TarStep> {
  const steps: TarStep[] = [];
  const { parser, hasEnded } = createParser(steps, { guard, label });
  for await (const chunk of chunks) {
    // What follows the end mark means nothing, and the parser would collect it in memory. It is still read
    // here, since gzip's own checksum comes last.
    if (!hasEnded()) {
      parser.write(chunk);
      yield* steps.splice(0);
    }
  }
  if (!hasEnded()) {
    throw damagedError(label, 'it ends too early');
  }
}

/** A parser that throws out of `write` and adds to `steps` whatever a chunk completes. */
function createParser(
  steps: TarStep[],
  { guard, label }: { readonly guard: ArchiveGuard; readonly label: string },
) {
  let ended = false;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const file = guard.admit(entry);
      if (file === undefined) {
        entry.resume();
        return;
      }
      steps.push({ kind: 'begin', file });
      entry.on('data', (bytes) => steps.push({ kind: 'write', bytes }));
      entry.on('end', () => steps.push({ kind: 'end' }));
    },
  });
  // The parser leaves out what it does not know, and metadata of an absurd size: data would be lost silently.
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    guard.admit(entry);
    throw damagedError(label, `its entry of type ${entry.type} cannot be read`);
  });
  parser.on('eof', () => {
    ended = true;
  });
  parser.on('error', (error: Error) => {
    throw damagedError(label, error.message, error);
  });
  return { parser, hasEnded: () => ended };
}

/** The error for an archive that does not hold together. */
export function damagedError(label: string, problem: string, cause?: unknown): FetchError {
  return new FetchError(
    `${label}: the archive is damaged (${problem}); nothing was unpacked, run the same command again`,
    { code: 'UNSAFE_ARCHIVE', cause },
  );
}
