import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Read and written at once: large enough that the calls do not count. */
const pieceBytes = 4 * 1024 * 1024;

/** The size of a file, and the SHA-256 of its bytes, in hex. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Copies a file to a new one, flushed to the disk; gives the digest of the bytes that were read. */
export async function copyFileHashed(
  source: string,
  target: string,
  signal: AbortSignal,
): Promise<FileDigest> {
  const hash = createHash('sha256');
  const reader = createReadStream(source, { highWaterMark: pieceBytes });
  await pipeline(
    reader,
    async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        hash.update(piece);
        yield piece;
      }
    },
    createWriteStream(target, { flags: 'wx', mode: 0o644, flush: true }),
    { signal },
  );
  return { bytes: reader.bytesRead, sha256: hash.digest('hex') };
}

/** Reads a file to its end. */
export async function hashFile(path: string, signal: AbortSignal): Promise<FileDigest> {
  const hash = createHash('sha256');
  const reader = createReadStream(path, { highWaterMark: pieceBytes, signal });
  const pieces: AsyncIterable<Buffer> = reader;
  for await (const piece of pieces) {
    hash.update(piece);
  }
  return { bytes: reader.bytesRead, sha256: hash.digest('hex') };
}
