import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { hasErrorCode } from './fetch-error.ts';
import { sanitizeFileName } from './file-name.ts';
import { readJsonFile } from './json-file.ts';
import { canResume, type KnownPart } from './judge-response.ts';

/** Our own files beside a download; all begin with the download's name. */
export interface PartPaths {
  /** What has arrived so far. */
  readonly part: string;
  /** What is known about it: a {@link PartNote}. Where it is missing, the part is worth nothing. */
  readonly note: string;
  /** Held by the process that works on the part. */
  readonly lock: string;
  /** Folder that an archive is unpacked into before its files are moved into place. */
  readonly unpacked: string;
}

const partNoteSchema = z.object({
  urlSha256: z.string(),
  fileName: z.string().refine((name) => sanitizeFileName(name) === name),
  validators: z.object({ etag: z.string().optional(), lastModified: z.string().optional() }),
});

/**
 * What must be known to resume a part. Of the URL only the SHA-256: its query may hold secrets, and must be
 * the same.
 */
export type PartNote = Readonly<z.infer<typeof partNoteSchema>>;

export interface StoredPart extends KnownPart {
  readonly fileName: string;
  /** Has taken in all bytes of the part. */
  readonly hash: Hash;
}

export function partPaths(folder: string, name: string): PartPaths {
  const part = join(folder, `${name}.part`);
  return { part, note: `${part}.json`, lock: `${part}.lock`, unpacked: `${part}.unpacked` };
}

export function hashUrl(url: URL): string {
  return createHash('sha256').update(url.href).digest('hex');
}

/**
 * The part that an earlier call left for this URL, read and hashed again, or undefined where there is none
 * that could be resumed.
 */
export async function readPart(
  paths: PartPaths,
  { urlSha256, signal }: { readonly urlSha256: string; readonly signal: AbortSignal },
): Promise<StoredPart | undefined> {
  const note = await readJsonFile(paths.note, partNoteSchema);
  if (note?.urlSha256 !== urlSha256 || !canResume(note.validators) || !(await isOurs(paths.part))) {
    return undefined;
  }
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(paths.part, { signal }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return bytes === 0 ? undefined : { ...note, bytes, hash };
}

/** Begins a part anew. A crash at any point leaves either no note, or a note that fits the part. */
export async function createPart(paths: PartPaths, note: PartNote): Promise<FileHandle> {
  await discardPart(paths);
  // A new file, never one that someone has put there: the name can be guessed.
  const handle = await open(paths.part, 'ax');
  try {
    await writeFile(paths.note, `${JSON.stringify(note)}\n`, { flag: 'wx' });
  } catch (error) {
    await handle.close();
    throw error;
  }
  return handle;
}

export async function openPart(paths: PartPaths): Promise<FileHandle> {
  return await open(paths.part, 'a');
}

/** Removes the part and its note; afterwards nothing is left to resume. */
export async function discardPart(paths: PartPaths): Promise<void> {
  await rm(paths.note, { force: true });
  await rm(paths.part, { force: true });
}

/** Not a link to a file elsewhere, into which we would write. */
async function isOurs(path: string): Promise<boolean> {
  try {
    const stats = await lstat(path);
    return stats.isFile() && stats.nlink === 1;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) {
      return false;
    }
    throw error;
  }
}
