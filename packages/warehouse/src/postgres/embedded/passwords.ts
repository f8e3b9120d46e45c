import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { z } from 'zod';

import { PostgresError } from '../errors.ts';

const passwordsSchema = z.object({
  superuser: z.string(),
  owner: z.string(),
  worker: z.string(),
  reader: z.string(),
  metrics: z.string(),
});

/** The passwords of an embedded server: of its superuser, and of the role of each part. */
export type Passwords = z.infer<typeof passwordsSchema>;

/**
 * The passwords in `path`, which only its owner may read; made up where there are none yet. Of
 * several processes that do so at once, all get the same.
 */
export async function readOrCreatePasswords(path: string): Promise<Passwords> {
  const found = await readPasswords(path);
  if (found !== undefined) {
    return found;
  }
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeSynced(draft, JSON.stringify(createPasswords(), undefined, 2));
    await link(draft, path);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) {
      throw cause;
    }
  } finally {
    await rm(draft, { force: true });
  }
  const created = await readPasswords(path);
  if (created === undefined) {
    throw new PostgresError('EMBEDDED', `${path}: it was removed as soon as it was written`);
  }
  return created;
}

async function readPasswords(path: string): Promise<Passwords | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      return undefined;
    }
    throw cause;
  }
  const passwords = passwordsSchema.safeParse(parseJson(text));
  if (!passwords.success) {
    throw new PostgresError(
      'EMBEDDED',
      `${path} does not hold the passwords of the embedded Postgres any more; restore it`,
    );
  }
  return passwords.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Letters and digits only, so that a URL shows it as it is. */
export function createPassword(): string {
  return randomBytes(24).toString('base64url').replaceAll(/[-_]/g, 'x');
}

function createPasswords(): Passwords {
  return {
    superuser: createPassword(),
    owner: createPassword(),
    worker: createPassword(),
    reader: createPassword(),
    metrics: createPassword(),
  };
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
