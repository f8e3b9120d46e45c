import { Readable } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';

/** The compressions of a file. */
export const compressions = ['gzip', 'zstd'] as const;

/** How a file is compressed; both may consist of several members (gzip) or frames (zstd). */
export type Compression = (typeof compressions)[number];

/**
 * Compresses chunks as they come, into one member or into several.
 *
 * Decompressed, the members end to end are the chunks end to end. Members begin anywhere, inside lines
 * too. With no chunks there is one empty member.
 */
export async function* compressVotes({
  chunks,
  compression,
  memberBytes = Infinity,
}: {
  readonly chunks: Iterable<Uint8Array>;
  readonly compression: Compression;
  /** Bytes of input in each member but the last; one or more. @default Infinity, one member */
  readonly memberBytes?: number | undefined;
}): AsyncGenerator<Uint8Array, void, void> {
  if (!(memberBytes >= 1)) {
    throw new RangeError(`memberBytes must be 1 or more, not ${String(memberBytes)}`);
  }
  const input = new ChunkReader(chunks);
  do {
    const member = Readable.from(input.readMember(memberBytes));
    const compressor = compression === 'gzip' ? createGzip() : createZstdCompress();
    yield* member.compose(compressor) as AsyncIterable<Uint8Array>;
  } while (!input.isAtEnd);
}

/** Reads chunks in pieces of given sizes: what a piece leaves of a chunk begins the next. */
class ChunkReader {
  readonly #chunks: Iterator<Uint8Array, unknown>;
  #rest: Uint8Array | undefined;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#readChunk();
  }

  get isAtEnd(): boolean {
    return this.#rest === undefined;
  }

  *readMember(byteCount: number): Generator<Uint8Array, void, void> {
    let wanted = byteCount;
    while (wanted > 0 && this.#rest !== undefined) {
      const piece = this.#rest.subarray(0, wanted);
      wanted -= piece.length;
      if (piece.length < this.#rest.length) {
        this.#rest = this.#rest.subarray(piece.length);
      } else {
        this.#readChunk();
      }
      yield piece;
    }
  }

  #readChunk(): void {
    const next = this.#chunks.next();
    this.#rest = next.done === true ? undefined : next.value;
  }
}
