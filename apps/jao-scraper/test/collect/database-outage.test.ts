import { PostgresError } from '@sluice/warehouse/postgres';
import type { PostgresErrorCode } from '@sluice/warehouse/postgres';
import { expect, test } from 'vitest';

import { onDatabase } from '../../src/collect/collect-context.ts';
import { DatabaseOutage } from '../../src/collect/database-outage.ts';

interface Notice {
  readonly notice: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function waiting() {
  const notices: Notice[] = [];
  const onNotice = (notice: string, details: Readonly<Record<string, unknown>>): void => {
    notices.push({ notice, details });
  };
  const signal = new AbortController().signal;
  const context = {
    databaseWaitMs: 60_000,
    signal,
    onNotice,
    outage: new DatabaseOutage(onNotice),
  };
  return { context, notices };
}

/** Work that fails so many times before it is done. */
function failing(code: PostgresErrorCode, times: number): () => Promise<string> {
  let left = times;
  return () => {
    left -= 1;
    return left < 0
      ? Promise.resolve('done')
      : Promise.reject(new PostgresError(code, `tried ${times - left} times`));
  };
}

const isWhole: unknown = expect.toSatisfy(Number.isInteger);

test('however many wait for a database, and however often they try, it goes away once and comes back once', async () => {
  const { context, notices } = waiting();
  let tries = 0;
  const ask = (): Promise<string> => {
    tries += 1;
    return tries > 40
      ? Promise.resolve('done')
      : Promise.reject(new PostgresError('UNREACHABLE', `try ${tries}`));
  };
  const workers = Array.from({ length: 8 }, () => onDatabase(context, ask));
  expect(await Promise.all(workers)).toEqual(workers.map(() => 'done'));
  expect(notices).toEqual([
    { notice: 'waiting for the database', details: { error: 'try 1' } },
    { notice: 'the database is back', details: { awayMs: isWhole } },
  ]);
});

test('each outage is told, with the time that it took', async () => {
  const { context, notices } = waiting();
  for (const code of ['CONNECTION_LOST', 'COMMIT_UNKNOWN'] as const) {
    await onDatabase(context, failing(code, 3));
    await onDatabase(context, failing(code, 0));
  }
  expect(notices.map(({ notice }) => notice)).toEqual([
    'waiting for the database',
    'the database is back',
    'waiting for the database',
    'the database is back',
  ]);
});

test('late news of an outage that is over, or of the time before it, changes nothing', () => {
  const { context, notices } = waiting();
  const error = new PostgresError('CONNECTION_LOST', 'gone');
  const before = performance.now();
  context.outage.noteAway(error, performance.now());
  context.outage.noteAnswer(before);
  expect(notices).toHaveLength(1);
  const during = performance.now();
  context.outage.noteAnswer(during + 1_000);
  expect(notices).toHaveLength(2);
  context.outage.noteAway(error, before);
  expect(notices).toHaveLength(2);
});

test('who waits for another, and not for the database, says so once', async () => {
  const { context, notices } = waiting();
  await onDatabase(context, failing('LOCK_TIMEOUT', 4));
  expect(notices).toEqual([
    { notice: 'another is in the way in the database', details: { error: 'tried 1 times' } },
  ]);
});
