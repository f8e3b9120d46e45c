import { glob, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { CommandError } from '../errors.ts';
import { standardInput } from './byte-source.ts';

/** What is taken from a folder; a file that is named itself may be called anything. */
const dataFileName = /\.(?:jsonl|ndjson|json|xml)(?:\.(?:gz|gzip|zst|zstd))?$/i;
const globCharacters = /[*?[\]{}]/;

/**
 * The input files that the arguments name: files as they are, folders with all data files below
 * them, patterns with what they match; each argument's files in the order of their names.
 *
 * @throws {CommandError} for the first argument that names nothing.
 */
export async function findInputs(args: readonly string[]): Promise<string[]> {
  const inputs: string[] = [];
  for (const arg of args) {
    const found = arg === standardInput ? [arg] : await expand(arg);
    if (found.length === 0) {
      throw new CommandError(
        `find input ${arg}: it names no data file; nothing was ingested. ` +
          'Give a file, a folder with .jsonl, .ndjson or .xml files (also .gz, .zst), a pattern, or -',
      );
    }
    inputs.push(...found);
  }
  return inputs;
}

async function expand(arg: string): Promise<string[]> {
  const kind = await kindOf(arg);
  if (kind === 'file') {
    return [arg];
  }
  if (kind === 'folder') {
    const names = await readdir(arg, { recursive: true });
    return onlyFiles(names.filter((name) => isVisibleData(name)).map((name) => join(arg, name)));
  }
  if (!globCharacters.test(arg)) {
    return [];
  }
  const matches: string[] = [];
  for await (const match of glob(arg)) {
    matches.push(match);
  }
  return onlyFiles(matches);
}

async function onlyFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of [...paths].sort()) {
    if ((await kindOf(path)) === 'file') {
      files.push(path);
    }
  }
  return files;
}

function isVisibleData(path: string): boolean {
  const isHidden = path.split(/[/\\]/).some((part) => part.startsWith('.'));
  return !isHidden && dataFileName.test(path);
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    // Whatever keeps it from being looked at is said when it is opened, or that it is missing.
    return 'nothing';
  }
}
