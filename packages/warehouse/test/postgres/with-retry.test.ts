import { expect, test } from 'vitest';

import { PostgresError, withRetry } from '../../src/postgres/index.ts';

test('the wait begins with the first failure, however long the work took until then', async () => {
  const retryForMs = 5;
  let tries = 0;
  const work = (): Promise<string> => {
    tries += 1;
    if (tries > 1) {
      return Promise.resolve('done');
    }
    const begunMs = performance.now();
    while (performance.now() - begunMs <= retryForMs) {
      // As a process that was stopped, and goes on.
    }
    return Promise.reject(new PostgresError('CONNECTION_LOST', 'the connection ended'));
  };
  expect(await withRetry(work, { retryForMs })).toBe('done');
  expect(tries).toBe(2);
});
