import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** What a file in the binary form of COPY begins and ends with. */
const headerBytes = 19;
const trailerBytes = 2;

/** Copies all files of a folder into a table: in one transaction, or in one for each file. */
export async function copyFiles(
  client: Client,
  {
    folder,
    target,
    isOneTransaction,
  }: {
    readonly folder: string;
    /** Table and columns. */
    readonly target: string;
    readonly isOneTransaction: boolean;
  },
): Promise<void> {
  const paths = (await readdir(folder)).toSorted().map((name) => join(folder, name));
  const batches = isOneTransaction ? [paths] : paths.map((path) => [path]);
  for (const batch of batches) {
    await pipeline(
      joinFiles(batch),
      client.query(copyFrom(`copy ${target} from stdin (format binary)`)),
    );
  }
}

async function* joinFiles(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const [index, path] of paths.entries()) {
    const content = await readFile(path);
    const isLast = index === paths.length - 1;
    yield content.subarray(
      index === 0 ? 0 : headerBytes,
      content.length - (isLast ? 0 : trailerBytes),
    );
  }
}
