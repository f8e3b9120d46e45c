import type { Writable } from 'node:stream';

/** Writes one vote to `stdout` and returns the exit code. */
export function main(stdout: Writable): number {
  const vote = { Id: '1', PostId: '1', VoteTypeId: '2', CreationDate: '2022-01-02T00:00:00.000' };
  stdout.write(`${JSON.stringify(vote)}\n`);
  return 0;
}
