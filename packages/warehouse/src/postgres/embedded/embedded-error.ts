import { PostgresError } from '../errors.ts';

const otherAccount = 'this account may not; use the one that made it, or another SLUICE_HOME';
const fullDisk = 'the disk is full; make room';
const fileInTheWay =
  'a file is where a folder has to be; choose another SLUICE_HOME, or move it away';

/** What to do about a failure of the file system, by its code. */
const fileAdvice: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', otherAccount],
  ['EPERM', otherAccount],
  ['ENOSPC', fullDisk],
  ['EDQUOT', fullDisk],
  ['ENOTDIR', fileInTheWay],
  ['EROFS', 'nothing can be written there; choose another SLUICE_HOME'],
]);

/** As {@link fileAdvice}, where a folder was to be made. */
const makingAdvice: ReadonlyMap<unknown, string> = new Map([
  ['EEXIST', fileInTheWay],
  ['ENOENT', 'no folder can be made there; choose another SLUICE_HOME'],
]);

/** What the file system refused, in words; the rest as it is. */
export function asEmbeddedError(cause: unknown, folder: string): unknown {
  if (cause instanceof PostgresError || !(cause instanceof Error) || !('code' in cause)) {
    return cause;
  }
  const isMaking = 'syscall' in cause && cause.syscall === 'mkdir';
  const advice =
    (isMaking ? makingAdvice.get(cause.code) : undefined) ??
    fileAdvice.get(cause.code) ??
    'see there';
  return new PostgresError(
    'EMBEDDED',
    `run the embedded Postgres in ${folder}: ${cause.message}: ${advice}`,
    { cause },
  );
}
