import type { HashedInput } from '../input/byte-source.ts';
import { CorruptInputError, unpack } from '../input/decompress.ts';
import { readLineBlocks } from '../input/line-blocks.ts';
import type { LineBlock, LongLine } from '../input/line-blocks.ts';
import { describeForeignFile } from './describe-foreign-file.ts';
import type { RecordLoader } from './record-loader.ts';

const compressedName = /\.(?:gz|gzip|zst|zstd)$/i;

/** How a file is read. */
export interface ReadingContext {
  readonly signal: AbortSignal;
  /** Called as the file is read, with the stored bytes read of it so far. */
  readonly onBytesRead: (bytesRead: number) => void;
}

/** Reads the whole input; gives the reason where the file is to be refused for what it is. */
export async function readRecords(
  context: ReadingContext,
  loader: RecordLoader,
  path: string,
  input: HashedInput,
): Promise<string | undefined> {
  if (isCutToNothing(path, input)) {
    await input.drain();
    return 'it is cut: its name says that it is compressed, and it has no bytes';
  }
  const damage = await readUnpacked(context, loader, input);
  if (damage !== undefined && input.sizeBytes !== undefined) {
    // Its hash is what the file is known by, also where it is refused before its end.
    await input.drain();
  }
  return damage;
}

/** No bytes are no records, but no gzip or zstd either: there the name tells what is missing. */
export function isCutToNothing(path: string, { sizeBytes }: HashedInput): boolean {
  return sizeBytes === 0 && compressedName.test(path);
}

async function readUnpacked(
  context: ReadingContext,
  loader: RecordLoader,
  input: HashedInput,
): Promise<string | undefined> {
  const unpacked = await unpack(input);
  try {
    for await (const block of readLineBlocks(unpacked)) {
      if (!takeBlock(context, loader, input, block)) {
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
  return loader.read > 0 && loader.objects === 0
    ? describeForeignFile(loader.read, loader.firstBytes)
    : undefined;
}

/** Loads a block; gives whether the next one is wanted, and where not, lets go of who sends it. */
function takeBlock(
  context: ReadingContext,
  loader: RecordLoader,
  input: HashedInput,
  block: LineBlock | LongLine,
): boolean {
  try {
    context.signal.throwIfAborted();
    if (block.kind === 'long-line') {
      loader.loadLongLine(block);
    } else {
      loader.load(block);
    }
    context.onBytesRead(input.bytesRead);
  } catch (cause) {
    input.stopWaiting();
    throw cause;
  }
  if (loader.isForeign) {
    input.stopWaiting();
  }
  return !loader.isForeign;
}
