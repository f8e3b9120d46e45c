import { CommandError, writeAside } from '@sluice/command-line';
import type { TargetFile } from '@sluice/command-line';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

import type { ExportFormat, ExportTable } from './exported-table.ts';
import { writeText } from './write-text.ts';

/**
 * Writes a table to a file, aside first, and gives its size.
 *
 * @throws {CommandError} where it can not be written: a full disk, say.
 */
export async function writeFile(
  target: TargetFile,
  format: ExportFormat,
  table: ExportTable,
): Promise<number> {
  return writeAside(target, async (path) => {
    const stream = createWriteStream(path);
    // What writers take for a reader that has left is a full disk here: it is thrown at the end.
    const ended = finished(stream);
    ended.catch(() => undefined);
    try {
      await writeStream(stream, format, table);
      stream.end();
      await ended.catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new CommandError(`${target.doing} to ${target.path}: ${why}`, { cause });
      });
    } finally {
      stream.destroy();
    }
  });
}

/** Writes a table to a stream; ends early, without an error, once its reader has left. */
export async function writeStream(
  output: Writable,
  format: ExportFormat,
  table: ExportTable,
): Promise<void> {
  if (format !== 'parquet') {
    await writeText(output, format, table);
    return;
  }
  // Loaded here, since most exports are text.
  const { writeParquet } = await import('./write-parquet.ts');
  await writeParquet(output, table);
}
