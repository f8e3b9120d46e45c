import { CommandError } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import { statusFilePath } from '@sluice/warehouse/status-file';
import { existsSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { standardInput } from './byte-source.ts';

/** What is taken from a folder; a file that is named itself may be called anything. */
const dataFileName = /\.(?:jsonl|ndjson|xml)(?:\.(?:gz|gzip|zst|zstd))?$/i;
const globCharacters = /[*?[\]{}]/;

/** Where was looked for files: `stream` is standard input, a FIFO or a device. */
export interface SearchedPlace {
  readonly place: string;
  readonly kind: 'file' | 'folder' | 'pattern' | 'stream';
  /** How many files were found there. */
  readonly files: number;
}

/** The files to read, and where they were looked for. */
export interface FoundInputs {
  readonly files: readonly string[];
  readonly places: readonly SearchedPlace[];
}

interface Expansion {
  readonly kind: SearchedPlace['kind'];
  readonly paths: readonly string[];
}

/**
 * The input files that the arguments name: files as they are, folders with all data files below
 * them, patterns with what they match; each argument's files in the order of their names.
 *
 * What belongs to the warehouse itself is no input: its status file is JSON, and the system drops
 * the lock on the database as soon as the process that has it closes any descriptor of that file.
 *
 * @throws {CommandError} for the first argument that names nothing, or the warehouse.
 */
export async function findInputs(args: readonly string[], warehouse: string): Promise<FoundInputs> {
  const own = await readOwnFiles(warehouse);
  const files: string[] = [];
  const places: SearchedPlace[] = [];
  for (const arg of args) {
    const { kind, paths: named } =
      arg === standardInput ? { kind: 'stream' as const, paths: [arg] } : await expandOrSayWhy(arg);
    if (named.includes(arg) && (await isOneOf(own, arg))) {
      throw new CommandError(
        `find input ${arg}: it belongs to the warehouse ${warehouse}; nothing was ingested`,
        { exitCode: exitCodes.usage },
      );
    }
    const found = await withoutOwn(named, own);
    if (found.length === 0) {
      throw new CommandError(
        `find input ${arg}: it names no data file; nothing was ingested. ` +
          'Give a file, a folder with .jsonl, .ndjson or .xml files (also .gz, .zst), a pattern, or -',
      );
    }
    files.push(...found);
    places.push({ place: arg, kind, files: found.length });
  }
  return { files, places };
}

/** Files by device and inode, so that no link hides them. */
type FileIdentities = ReadonlySet<string>;

async function readOwnFiles(warehouse: string): Promise<FileIdentities> {
  const own = new Set<string>();
  for (const path of [warehouse, `${warehouse}.wal`, statusFilePath(warehouse)]) {
    if (existsSync(path)) {
      own.add(identityOf(await stat(path)));
    }
  }
  return own;
}

async function withoutOwn(paths: readonly string[], own: FileIdentities): Promise<string[]> {
  const others: string[] = [];
  for (const path of paths) {
    if (!(await isOneOf(own, path))) {
      others.push(path);
    }
  }
  return others;
}

async function isOneOf(files: FileIdentities, path: string): Promise<boolean> {
  try {
    return files.has(identityOf(await stat(path === standardInput ? '/dev/stdin' : path)));
  } catch {
    // What can not be looked at is said when it is opened.
    return false;
  }
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

async function expandOrSayWhy(arg: string): Promise<Expansion> {
  try {
    return await expand(arg);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandError(`find input ${arg}: ${why}; nothing was ingested`, { cause });
  }
}

async function expand(arg: string): Promise<Expansion> {
  const isPattern = globCharacters.test(arg);
  const kind = await kindOf(arg).catch((cause: unknown) => {
    // What is too long for a name may still be a pattern.
    if (isPattern) {
      return 'nothing' as const;
    }
    throw cause;
  });
  if (kind === 'file' || kind === 'endless') {
    return { kind: kind === 'file' ? 'file' : 'stream', paths: [arg] };
  }
  if (kind === 'folder') {
    const files: string[] = [];
    await collectFiles(arg, files, new Set());
    return { kind: 'folder', paths: files.sort() };
  }
  if (!isPattern) {
    return { kind: 'file', paths: [] };
  }
  const matches: string[] = [];
  for await (const match of glob(arg)) {
    if ((await kindOf(match)) === 'file') {
      matches.push(match);
    }
  }
  return { kind: 'pattern', paths: matches.sort() };
}

/**
 * Adds the visible data files below a folder. Links are followed, and each folder is looked into
 * once, whatever leads to it. A name that leads nowhere is added too: it is refused when it is
 * opened, where passing over it would hide that data is missing.
 */
async function collectFiles(folder: string, files: string[], visited: Set<string>): Promise<void> {
  const identity = identityOf(await stat(folder));
  if (visited.has(identity)) {
    return;
  }
  visited.add(identity);
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  for (const name of names.sort()) {
    const path = join(folder, name);
    const kind = await kindOf(path).catch(() => 'nothing' as const);
    if (kind === 'folder') {
      await collectFiles(path, files, visited);
    } else if (kind !== 'endless' && dataFileName.test(name)) {
      files.push(path);
    }
  }
}

/** FIFOs and devices are `endless`: some are, and only who names one can know that it is not. */
async function kindOf(path: string): Promise<'file' | 'folder' | 'endless' | 'nothing'> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'endless';
  } catch (cause) {
    if (isCode(cause, 'ENOENT') || isCode(cause, 'ENOTDIR')) {
      return 'nothing';
    }
    throw cause;
  }
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
