import type { HashedInput } from '../input/byte-source.ts';
import { CorruptInputError, unpack } from '../input/decompress.ts';
import { readLineBlocks } from '../input/line-blocks.ts';
import type { LineBlock, LongLine } from '../input/line-blocks.ts';
import { describeForeignFile } from './describe-foreign-file.ts';
import type { LoadedRecords, RecordLoader } from './record-loader.ts';

const compressedName = /\.(?:gz|gzip|zst|zstd)$/i;

/** How a file is read. */
export interface ReadingContext {
  readonly signal: AbortSignal;
  /** Called as the file is read, with the stored bytes read of it so far, and waited for. */
  readonly onBytesRead: (bytesRead: number) => void | Promise<void>;
}

/** What was read of an input. */
export interface Reading {
  /** Why the file is to be refused for what it is. */
  readonly damage: string | undefined;
  readonly records: LoadedRecords;
  /** Of its bytes as they are stored; null where they were not read to the end. */
  readonly sha256: string | null;
  readonly bytesRead: number;
}

/** Reads the whole input, but for the rest of what is not to be loaded and can not be read again. */
export async function readRecords(
  context: ReadingContext,
  loader: RecordLoader,
  path: string,
  input: HashedInput,
): Promise<Reading> {
  const damage = isCutToNothing(path, input)
    ? 'it is cut: its name says that it is compressed, and it has no bytes'
    : await readUnpacked(context, loader, input);
  if (damage !== undefined && input.sizeBytes !== undefined) {
    // Its hash is what the file is known by, also where it is refused before its end.
    await input.drain();
  }
  const sha256 = input.isAtEnd ? await input.sha256() : null;
  return { damage, records: loader.finish(), sha256, bytesRead: input.bytesRead };
}

/** No bytes are no records, but no gzip or zstd either: there the name tells what is missing. */
export function isCutToNothing(path: string, { sizeBytes }: HashedInput): boolean {
  return sizeBytes === 0 && compressedName.test(path);
}

/** Gives what is wrong with the file, where something is. */
async function readUnpacked(
  context: ReadingContext,
  loader: RecordLoader,
  input: HashedInput,
): Promise<string | undefined> {
  const unpacked = await unpack(input);
  try {
    for await (const block of readLineBlocks(unpacked)) {
      if (!(await takeBlock(context, loader, input, block))) {
        break;
      }
    }
  } catch (cause) {
    if (cause instanceof CorruptInputError) {
      return cause.message;
    }
    throw cause;
  } finally {
    await unpacked.close();
  }
  const { read, objects, firstBytes } = loader;
  return read > 0 && objects === 0 ? describeForeignFile(read, firstBytes) : undefined;
}

/** Loads a block; gives whether the next one is wanted, and where not, lets go of who sends it. */
async function takeBlock(
  context: ReadingContext,
  loader: RecordLoader,
  input: HashedInput,
  block: LineBlock | LongLine,
): Promise<boolean> {
  try {
    context.signal.throwIfAborted();
    loader.load(block);
    await context.onBytesRead(input.bytesRead);
  } catch (cause) {
    input.stopWaiting();
    throw cause;
  }
  if (loader.isForeign) {
    input.stopWaiting();
  }
  return !loader.isForeign;
}
