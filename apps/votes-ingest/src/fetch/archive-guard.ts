import type { ReadEntry } from 'tar';

import { FetchError } from './fetch-error.ts';

// Room for any sane path, and below the 4,096 bytes that Linux allows for a path with its folder.
const longestNameBytes = 1024;

// How much of a hostile name goes into a message.
const shownNameLength = 120;

export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Most bytes that come out of the decompression. */
  readonly maxUnpackedBytes: number;
}

export type ArchiveEntry = Readonly<Pick<ReadEntry, 'path' | 'type' | 'size'>>;

/** Where a file of the archive may go: a relative path with `/` that stays below any folder it is joined to. */
export interface AdmittedFile {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface ArchiveGuard {
  /**
   * Judges the next entry: a file to write, or undefined for a folder.
   *
   * @throws {FetchError} `UNSAFE_ARCHIVE` that names the entry, or `TOO_LARGE`.
   */
  readonly admit: (entry: ArchiveEntry) => AdmittedFile | undefined;
  /**
   * Counts bytes that came out of the decompression, and returns their sum.
   *
   * @throws {FetchError} `TOO_LARGE`
   */
  readonly countBytes: (bytes: number) => number;
}

/**
 * Watches over the unpacking of one archive. Lets in only regular files and folders, with relative names
 * without `..`, that stay different from each other on a file system that ignores case.
 */
export function createArchiveGuard(label: string, limits: ArchiveLimits): ArchiveGuard {
  const { maxEntries, maxUnpackedBytes } = limits;
  /** Every file and folder so far, by its folded name. */
  const taken = new Map<string, { readonly name: string; readonly isFolder: boolean }>();
  let entries = 0;
  let unpackedBytes = 0;
  let promisedBytes = 0;

  const refuse = (path: string, problem: string) =>
    new FetchError(
      `${label}: the archive's entry ${showName(path)} ${problem}; nothing was unpacked, do not trust this archive`,
      { code: 'UNSAFE_ARCHIVE' },
    );

  const checkBytes = (bytes: number) => {
    if (bytes > maxUnpackedBytes) {
      throw new FetchError(
        `${label}: the archive holds more than ${maxUnpackedBytes} bytes; raise the limit if that is right`,
        { code: 'TOO_LARGE' },
      );
    }
  };

  const take = (path: string, name: string, isFolder: boolean) => {
    const folded = foldName(name);
    const before = taken.get(folded);
    if (before !== undefined && !(before.isFolder && isFolder && before.name === name)) {
      throw refuse(path, `is in the way of ${showName(before.name)} in the same archive`);
    }
    taken.set(folded, { name, isFolder });
  };

  return {
    admit: ({ path, type, size }) => {
      entries += 1;
      if (entries > maxEntries) {
        throw new FetchError(
          `${label}: the archive holds more than ${maxEntries} files and folders; raise the limit if that is right`,
          { code: 'TOO_LARGE' },
        );
      }
      const isFolder = type === 'Directory';
      const problem = isFolder || isRegularFile(type) ? findNameProblem(path) : describeType(type);
      if (problem !== undefined) {
        throw refuse(path, problem);
      }
      const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
      segments.forEach((_, index) => {
        const isLast = index === segments.length - 1;
        take(path, segments.slice(0, index + 1).join('/'), isFolder || !isLast);
      });
      if (isFolder) {
        return undefined;
      }
      if (segments.length === 0) {
        throw refuse(path, 'has no name');
      }
      promisedBytes += size;
      checkBytes(promisedBytes);
      return { name: segments.join('/'), sizeBytes: size };
    },
    countBytes: (bytes) => {
      unpackedBytes += bytes;
      checkBytes(unpackedBytes);
      return unpackedBytes;
    },
  };
}

function isRegularFile(type: ArchiveEntry['type']): boolean {
  return type === 'File' || type === 'OldFile' || type === 'ContiguousFile';
}

function describeType(type: ArchiveEntry['type']): string {
  switch (type) {
    case 'SymbolicLink':
      return 'is a symbolic link';
    case 'Link':
      return 'is a hard link';
    default:
      return `is neither a file nor a folder (${type})`;
  }
}

function findNameProblem(path: string): string | undefined {
  if (Buffer.byteLength(path) > longestNameBytes) {
    return 'has a name that is too long';
  }
  if (/\p{Cc}/u.test(path)) {
    return 'has a control character in its name';
  }
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) {
    return 'has an absolute path';
  }
  if (path.includes('\\')) {
    return 'has a backslash in its name';
  }
  return path.split('/').includes('..') ? 'leads out of its folder' : undefined;
}

/** The same for two names that some file system takes for one: case, and composed or decomposed accents. */
function foldName(name: string): string {
  return name.normalize('NFD').toLowerCase().toUpperCase();
}

/** In quotes and with escapes, so that a name can write nothing else into a terminal or a log. */
function showName(path: string): string {
  const shown = path.length > shownNameLength ? `${path.slice(0, shownNameLength)}…` : path;
  return JSON.stringify(shown).replaceAll(/[^\x20-\x7e…]/g, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
