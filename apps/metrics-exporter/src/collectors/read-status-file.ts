import { warehouseStatusLimits } from '@sluice/schemas';
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';

import { isNestedDeeper } from './is-nested-deeper.ts';
import { knownStatusSchema } from './known-status.ts';
import type { KnownStatus } from './known-status.ts';

const maxBytes = warehouseStatusLimits.sizeBytes;
/** A status file has five levels. */
const maxDepth = 20;
/** Longer than any honest one. A key of the file can be in it. */
const maxMessageLength = 300;

/** What became of a file: the same as long as it is the same file. */
type Reading<Made> = { readonly mark: string } & (
  { readonly made: Made } | { readonly error: unknown }
);

/**
 * Reads the status file of a warehouse, and gives what `make` makes of it. Where it is the same file as
 * before, it gives the same, or fails the same way, which is a matter of one look. Whoever writes it puts
 * a new one in its place.
 *
 * @throws {TypeError} for what is no status file of a version that is known here, {RangeError} for one
 * that is too large or too deep, and what the file system says.
 */
export function statusFileReader<Made>(
  path: string,
  make: (status: KnownStatus) => Made,
): () => Promise<Made> {
  let last: Reading<Made> | undefined;
  return async () => {
    if (last?.mark !== markOf(await stat(path, { bigint: true }))) {
      const { mark, text } = await readStatusFile(path);
      try {
        last = { mark, made: make(parseStatus(path, text)) };
      } catch (error) {
        last = { mark, error };
      }
    }
    if ('error' in last) {
      throw last.error;
    }
    return last.made;
  };
}

async function readStatusFile(
  path: string,
): Promise<{ readonly mark: string; readonly text: string }> {
  // A FIFO of that name would keep an ordinary open waiting.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat({ bigint: true });
    if (!found.isFile()) {
      throw new TypeError(`${path}: not a regular file`);
    }
    if (found.size > maxBytes) {
      throw new RangeError(`${path}: ${String(found.size)} bytes, more than ${String(maxBytes)}`);
    }
    return { mark: markOf(found), text: await file.readFile('utf8') };
  } finally {
    await file.close();
  }
}

/** Whatever is written, in place or not, has another one. */
function markOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function parseStatus(path: string, text: string): KnownStatus {
  if (isNestedDeeper(text, maxDepth)) {
    throw new RangeError(`${path}: nested deeper than ${String(maxDepth)} levels`);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    // Its message quotes the file.
    throw new TypeError(`${path}: not JSON`, { cause });
  }
  const parsed = knownStatusSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const why = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
    throw new TypeError(
      `${path}: not a status file of version 1: ${why.slice(0, maxMessageLength)}`,
    );
  }
  return parsed.data;
}

/** How large a warehouse is. */
export interface WarehouseSizes {
  readonly fileBytes: number;
  readonly walBytes: number;
}

/** Looks how large a warehouse and its write-ahead log are, 0 where there is none, and opens neither. */
export async function readWarehouseSizes(warehouse: string): Promise<WarehouseSizes> {
  return { fileBytes: await sizeOf(warehouse), walBytes: await sizeOf(`${warehouse}.wal`) };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return 0;
    }
    throw error;
  }
}
