import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

import { BenchError } from '../errors.ts';
import { parseOutput } from '../parse-output.ts';
import { runProcess } from '../run-process.ts';

const generator = fileURLToPath(
  new URL('../../../votes-generator/bin/votes-generator.js', import.meta.url),
);

const count = z.int().min(0);
const totalsSchema = z.object({
  read: count,
  accepted: count,
  duplicate: count,
  conflicting: count,
  quarantined: count,
});

/** Which file of votes, in the words of votes-generator. */
export interface VotesFileOptions {
  readonly rows: number;
  /** First row of the stream; then `streamRows` is its length. @default 0 */
  readonly firstRow?: number;
  readonly streamRows?: number;
  /** @default 'ascending' */
  readonly order?: 'random';
  /** @default 'jsonl' */
  readonly format?: 'xml';
  readonly compress?: 'gzip';
  /** A share such as `1%`. @default none */
  readonly bad?: string;
  /** One more record at the very end, cut in its middle. @default false */
  readonly badAtEnd?: boolean;
}

/** A file of votes. */
export interface VotesFile {
  readonly path: string;
  readonly bytes: number;
  /** What a loader has to count for it, alone in an empty warehouse. */
  readonly totals: z.infer<typeof totalsSchema>;
}

/** The files of votes of a benchmark, each made when it is first asked for. */
export interface VotesFiles {
  /** @throws {BenchError} where the generator fails. */
  readonly make: (options: VotesFileOptions) => Promise<VotesFile>;
  /** Removes all files but those that `options` name. */
  readonly removeAllBut: (options: readonly VotesFileOptions[]) => Promise<void>;
}

/** Files of votes in `folder`, which is made. */
export async function createVotesFiles({
  folder,
  signal,
}: {
  readonly folder: string;
  readonly signal: AbortSignal;
}): Promise<VotesFiles> {
  await mkdir(folder);
  const files = new Map<string, VotesFile>();

  const make = async (options: VotesFileOptions): Promise<VotesFile> => {
    const name = nameOf(options);
    const made = files.get(name);
    if (made !== undefined) return made;
    const path = join(folder, name);
    const args = [generator, ...flagsOf(options), '--totals', '--out', path];
    const { exitCode, stderr } = await runProcess({ args, folder, readsPeak: false, signal });
    if (exitCode !== 0) {
      throw new BenchError(`make ${name}: exit code ${String(exitCode)}: ${stderr.trim()}`);
    }
    const totals = parseOutput(totalsSchema, stderr, `make ${name}`);
    const file = { path, bytes: (await stat(path)).size, totals };
    files.set(name, file);
    return file;
  };

  const removeAllBut = async (options: readonly VotesFileOptions[]): Promise<void> => {
    const kept = new Set(options.map(nameOf));
    for (const [name, { path }] of files) {
      if (kept.has(name)) continue;
      await rm(path);
      files.delete(name);
    }
  };

  return { make, removeAllBut };
}

/** A name that no file with other content has. */
function nameOf(options: VotesFileOptions): string {
  const { rows, firstRow, streamRows, order, format, compress, bad, badAtEnd } = options;
  const parts = [
    'votes',
    rows,
    firstRow === undefined ? undefined : `from-${firstRow}`,
    streamRows === undefined ? undefined : `of-${streamRows}`,
    order,
    bad === undefined ? undefined : `bad-${bad}`,
    badAtEnd === true ? 'bad-end' : undefined,
  ];
  const ending = `${format ?? 'jsonl'}${compress === 'gzip' ? '.gz' : ''}`;
  return `${parts.filter((part) => part !== undefined).join('-')}.${ending}`;
}

function flagsOf(options: VotesFileOptions): string[] {
  const { rows, firstRow, streamRows, order, format, compress, bad, badAtEnd } = options;
  const values = {
    '--rows': rows,
    '--first-row': firstRow,
    '--stream-rows': streamRows,
    '--order': order,
    '--format': format,
    '--compress': compress,
    '--bad': bad,
  };
  const flags = Object.entries(values).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag, String(value)],
  );
  return badAtEnd === true ? [...flags, '--bad-at-end'] : flags;
}
