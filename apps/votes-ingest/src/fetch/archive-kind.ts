import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';

import { Header } from 'tar';

export const archiveKinds = ['tar', 'tar.gz'] as const;

export type ArchiveKind = (typeof archiveKinds)[number];

const blockBytes = 512;

// Enough compressed bytes for the first block of any archive that a tool makes.
const probeBytes = 4096;

// Compressed formats that the tar parser would open by itself, and past our count of bytes.
const compressedMagics = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

/** What kind of archive the file's first bytes say it is; undefined for any other file. */
export async function detectArchive(path: string): Promise<ArchiveKind | undefined> {
  const start = await readStart(path);
  if (!startsCompressed(start)) {
    return isTarHeader(start) ? 'tar' : undefined;
  }
  const unzipped = await gunzipStart(start);
  return !startsCompressed(unzipped) && isTarHeader(unzipped) ? 'tar.gz' : undefined;
}

/** Whether the name promises a tar archive. */
export function isNamedLikeArchive(fileName: string): boolean {
  return /\.(?:tar|tar\.gz|tgz)$/i.test(fileName);
}

async function readStart(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(probeBytes) });
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** What the first bytes of a gzip file expand to, as far as they can be read. */
async function gunzipStart(start: Buffer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const unzip = createGunzip({ chunkSize: blockBytes, finishFlush: constants.Z_SYNC_FLUSH });
  unzip.on('data', (piece: Buffer) => pieces.push(piece));
  unzip.end(start);
  try {
    await once(unzip, 'end');
  } catch {
    // Not gzip, or damaged further on: what was read until there decides, and unpacking will tell.
  }
  return Buffer.concat(pieces);
}

function startsCompressed(bytes: Buffer): boolean {
  return compressedMagics.some((magic) => bytes.subarray(0, magic.length).equals(magic));
}

/** A tar header has a checksum over itself; no other file does by chance. */
function isTarHeader(bytes: Buffer): boolean {
  if (bytes.length < blockBytes) {
    return false;
  }
  try {
    return new Header(bytes.subarray(0, blockBytes)).cksumValid;
  } catch {
    // Numbers that no header would hold.
    return false;
  }
}
