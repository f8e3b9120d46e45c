import { createReadStream } from 'node:fs';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { createArchiveGuard, type AdmittedFile, type ArchiveLimits } from './archive-guard.ts';
import type { ArchiveKind } from './archive-kind.ts';
import { stopError } from './fetch-error.ts';
import { damagedError, readTar, type TarStep } from './read-tar.ts';

const chunkBytes = 256 * 1024;

export interface UnpackOptions {
  readonly archive: string;
  readonly kind: ArchiveKind;
  /** Folder that is made anew for the content; what an earlier call left there is removed. */
  readonly folder: string;
  readonly limits: ArchiveLimits;
  readonly label: string;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (unpackedBytes: number) => void;
}

/**
 * Unpacks a tar archive into a folder of its own and returns its files, each on disk to stay (fsync).
 * Folders without files are not made. The caller removes the folder, also after an error.
 *
 * @throws {FetchError} `UNSAFE_ARCHIVE` for an entry that is refused, and for an archive that is damaged or
 * holds no file; `TOO_LARGE` past a limit; what the signal says.
 */
export async function unpackArchive(options: UnpackOptions): Promise<readonly AdmittedFile[]> {
  const { folder, limits, label, signal, onBytes } = options;
  const guard = createArchiveGuard(label, limits);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const chunks = countChunks(openArchive(options), (bytes) => {
    onBytes(guard.countBytes(bytes));
    if (signal?.aborted === true) {
      throw stopError(signal, label);
    }
  });
  let files: readonly AdmittedFile[];
  try {
    files = await writeSteps(readTar(chunks, { guard, label }), folder);
  } catch (error) {
    throw isZlibError(error) ? damagedError(label, error.message, error) : error;
  }
  if (files.length === 0) {
    throw damagedError(label, 'it holds no file');
  }
  return files;
}

/** The bytes of the tar archive, decompressed. Whoever stops reading closes the file. */
function openArchive({ archive, kind }: UnpackOptions): AsyncIterable<Buffer> {
  const file = createReadStream(archive, { highWaterMark: chunkBytes });
  if (kind === 'tar') {
    return file;
  }
  const unzip = createGunzip({ chunkSize: chunkBytes });
  // Only ties the two together. Not the pipeline that also takes the reader: in Node 22 that one hides
  // the reader's error behind an AbortError.
  pipeline(file, unzip, ignoreEnd);
  return unzip;
}

function ignoreEnd(): void {
  // Whoever reads the archive gets the error.
}

async function* countChunks(
  chunks: AsyncIterable<Buffer>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

async function writeSteps(
  steps: AsyncIterable<TarStep>,
  folder: string,
): Promise<readonly AdmittedFile[]> {
  const files: AdmittedFile[] = [];
  let handle: FileHandle | undefined;
  try {
    for await (const step of steps) {
      switch (step.kind) {
        case 'begin':
          files.push(step.file);
          handle = await createFile(join(folder, step.file.name));
          break;
        case 'write':
          await handle?.appendFile(step.bytes);
          break;
        case 'end':
          await handle?.sync();
          await handle?.close();
          handle = undefined;
      }
    }
  } finally {
    await handle?.close();
  }
  return files;
}

/** With the process's own permissions: modes, owners and times in an archive are its maker's business. */
async function createFile(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return await open(path, 'ax');
}

function isZlibError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('Z_')
  );
}
