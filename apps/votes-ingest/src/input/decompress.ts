import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Gunzip, ZstdDecompress } from 'node:zlib';

import { PrefixedSource } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';

/** How a file's bytes are packed, told by its first bytes. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Compressed bytes per step: at deflate's best ratio of 1,032 they become 66 MB, no more. */
const stepBytes = 64 * 1024;
const outputChunkBytes = 256 * 1024;

/** A compressed file that is cut, corrupt, or followed by something else. */
export class CorruptInputError extends Error {
  override readonly name = 'CorruptInputError';
}

/** The unpacked bytes of a source; to be closed before the source is used otherwise. */
export interface UnpackedSource extends ByteSource {
  readonly compression: Compression;
  close(): Promise<void>;
}

/** Tells by its first bytes how a source is packed, and gives its unpacked bytes. */
export async function unpack(source: ByteSource): Promise<UnpackedSource> {
  const prefix = await readPrefix(source, 4);
  const whole = new PrefixedSource(prefix, source);
  const compression = compressionOf(prefix);
  if (compression === 'none') {
    return {
      compression,
      read: (target) => whole.read(target),
      close: () => Promise.resolve(),
    };
  }
  const createDecoder =
    compression === 'gzip'
      ? () => createGunzip({ chunkSize: outputChunkBytes })
      : () => createZstdDecompress({ chunkSize: outputChunkBytes });
  const chunks = decodeMembers(whole, compression, createDecoder);
  const unpacked = new GeneratedSource(chunks);
  return {
    compression,
    read: (target) => unpacked.read(target),
    close: async () => {
      await chunks.return(undefined);
    },
  };
}

async function readPrefix(source: ByteSource, length: number): Promise<Uint8Array> {
  const prefix = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await source.read(prefix.subarray(filled));
    if (count === 0) {
      break;
    }
    filled += count;
  }
  return prefix.subarray(0, filled);
}

/** RFC 1952 §2.3.1 and RFC 8878 §3.1: the magic numbers, and zstd's sixteen skippable frames. */
function compressionOf(prefix: Uint8Array): Compression {
  const magic = Buffer.from(prefix).toString('hex');
  if (magic.startsWith('1f8b')) {
    return 'gzip';
  }
  return magic === '28b52ffd' || /^5.2a4d18$/.test(magic) ? 'zstd' : 'none';
}

/**
 * Decodes member after member, frame after frame, until every byte of the source is consumed.
 * Node's decoders stop without an error at the end of a zstd frame, and at zeros behind a gzip
 * member; what they leave goes to a fresh decoder, which takes it or refuses it.
 */
async function* decodeMembers(
  source: ByteSource,
  compression: Compression,
  createDecoder: () => Gunzip | ZstdDecompress,
): AsyncGenerator<Uint8Array> {
  let left: Uint8Array | undefined;
  do {
    const decoder = createDecoder();
    const feeding = feed(decoder, source, left);
    // Where the source fails, the decoder must not wait for more; what failed is thrown below.
    feeding.catch(() => decoder.destroy());
    try {
      for await (const chunk of decoder) {
        // A decoder in its default mode gives buffers only.
        yield chunk as Buffer;
      }
    } catch (cause) {
      await feeding;
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new CorruptInputError(`the ${compression} data is cut or corrupt: ${what}`, { cause });
    } finally {
      await feeding;
    }
    left = await feeding;
  } while (left !== undefined);
}

/** Writes the source to a decoder until either ends; gives the bytes the decoder did not take. */
async function feed(
  decoder: Gunzip | ZstdDecompress,
  source: ByteSource,
  first: Uint8Array | undefined,
): Promise<Uint8Array | undefined> {
  const closed = new Promise<void>((resolve) => decoder.once('close', resolve));
  let chunk = first ?? (await nextChunk(source));
  for (let consumed = 0; chunk !== undefined; chunk = await nextChunk(source)) {
    const current = chunk;
    const written = new Promise<void>((resolve) => {
      decoder.write(current, () => {
        resolve();
      });
    });
    await Promise.race([written, closed]);
    const taken = decoder.bytesWritten - consumed;
    if (decoder.destroyed && decoder.errored !== null) {
      return undefined;
    }
    if (taken < chunk.length) {
      return chunk.subarray(taken);
    }
    consumed = decoder.bytesWritten;
  }
  decoder.end();
  return undefined;
}

async function nextChunk(source: ByteSource): Promise<Uint8Array | undefined> {
  const chunk = Buffer.allocUnsafe(stepBytes);
  const count = await source.read(chunk);
  return count === 0 ? undefined : chunk.subarray(0, count);
}

/** A source over chunks that something else makes. */
class GeneratedSource implements ByteSource {
  readonly #chunks: AsyncGenerator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncGenerator<Uint8Array>) {
    this.#chunks = chunks;
  }

  async read(target: Uint8Array): Promise<number> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) {
        return 0;
      }
      this.#chunk = next.value;
    }
    const count = Math.min(this.#chunk.length, target.length);
    target.set(this.#chunk.subarray(0, count));
    this.#chunk = this.#chunk.subarray(count);
    return count;
  }
}
