import { warehouseStatusSchema } from '@sluice/schemas';
import type { WarehouseStatus } from '@sluice/schemas';
import { constants } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';

/** Far above what 50 runs of 100 files each take. */
const maxBytes = 64 * 2 ** 20;

/**
 * Reads the status file of a warehouse, and gives what `make` makes of it: the same as before where it is
 * the same file, which is a matter of one look. Whoever writes it puts a new one in its place.
 *
 * @throws {TypeError} for what is no status file of a version that is known here, {RangeError} for one
 * that is too large, and what the file system says.
 */
export function statusFileReader<Made>(
  path: string,
  make: (status: WarehouseStatus) => Made,
): () => Promise<Made> {
  let last: { readonly mark: string; readonly made: Made } | undefined;
  return async () => {
    if (last?.mark !== markOf(await stat(path, { bigint: true }))) {
      const { mark, status } = await readStatusFile(path);
      last = { mark, made: make(status) };
    }
    return last.made;
  };
}

async function readStatusFile(
  path: string,
): Promise<{ readonly mark: string; readonly status: WarehouseStatus }> {
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
    return { mark: markOf(found), status: parseStatus(path, await file.readFile('utf8')) };
  } finally {
    await file.close();
  }
}

/** Whatever is written, in place or not, has another one. */
function markOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function parseStatus(path: string, text: string): WarehouseStatus {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    // Its message quotes the file.
    throw new TypeError(`${path}: not JSON`, { cause });
  }
  const parsed = warehouseStatusSchema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TypeError(
      `${path}: not a status file of version 1: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
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
