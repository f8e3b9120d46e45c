import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { PostgresError } from '../errors.ts';

/** What most systems call, and number, the account that owns nothing. */
const nobodyId = 65_534;

/** The account that the server runs under, where it is another than ours. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Postgres refuses to run as root, so root runs it as whoever owns the data already, or as `nobody`.
 * Anyone else runs it under their own account.
 */
export function chooseServerAccount(dataFolder: string): ServerAccount | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const owner = ownerOf(dataFolder);
  return owner ?? accountOfNobody();
}

/** Whether `account` may pass through every folder above `path`, and into it. */
export function canReach(account: ServerAccount | undefined, path: string): boolean {
  if (account === undefined) {
    return true;
  }
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if (!mayPass(account, folder)) {
      return false;
    }
    if (folder === dirname(folder)) {
      return true;
    }
  }
}

function mayPass({ uid, gid }: ServerAccount, folder: string): boolean {
  const { mode, uid: ownerId, gid: groupId } = statSync(folder);
  const bits = ownerId === uid ? mode >> 6 : groupId === gid ? mode >> 3 : mode;
  return (bits & 1) === 1;
}

function ownerOf(dataFolder: string): ServerAccount | undefined {
  const stats = statSync(dataFolder, { throwIfNoEntry: false });
  if (stats === undefined) {
    return undefined;
  }
  if (stats.uid === 0) {
    throw new PostgresError(
      'EMBEDDED',
      `${dataFolder} belongs to root, and Postgres does not run as root; ` +
        'give it to another account (chown -R), or move it away',
    );
  }
  return { uid: stats.uid, gid: stats.gid };
}

function accountOfNobody(): ServerAccount {
  const fields = readAccounts().find(([name]) => name === 'nobody');
  const uid = Number(fields?.[2] ?? nobodyId);
  const gid = Number(fields?.[3] ?? nobodyId);
  return uid > 0 ? { uid, gid } : { uid: nobodyId, gid: nobodyId };
}

function readAccounts(): string[][] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch {
    return [];
  }
}
