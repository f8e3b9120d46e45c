import { attemptOutcomes, isSuccess } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { adviseOn } from '../../src/collect/advise.ts';
import { isRetryable } from '../../src/source/retry.ts';
import { contractOf } from '../store/test-store.ts';
import type { TestStore } from '../store/test-store.ts';
import { useStore } from '../store/use-store.ts';

const contract = contractOf('core/maxExchanges');
const url =
  'http://127.0.0.1:1/core/api/data/maxExchanges?FromUtc=2026-06-09T22:00:00.000Z&ToUtc=2026-06-10T22:00:00.000Z';

describe('an answer that is no data says what was asked, window included', () => {
  let store: TestStore;
  useStore((opened) => {
    ({ store } = opened);
  });

  test.each([
    ['html', '<!DOCTYPE html><title>Maintenance</title>', 'the body is a page, not JSON'],
    ['rejected', '{"rejected":true,"messages":["no"]}', 'the service rejected the request: no'],
    ['empty_body', ' ', 'the body is empty'],
    ['schema', '[]', 'the body is [], not an object'],
    [
      'foreign',
      '{"data":[{"id":1,"dateTimeUtc":"2020-01-01T00:00:00Z","border_AT_BE":1}]}',
      '1 rows, and none of them of the day',
    ],
  ])('%s', async (outcome, body, reason) => {
    const result = await store.collect(contract, '2026-06-10', Buffer.from(body));
    const message = expect.stringContaining(`fetch ${url}: ${reason}`) as unknown;
    expect(result).toMatchObject({ outcome, message });
    expect(store.attempts.at(-1)).toMatchObject({ outcome, message });
    const { error } = await store.db.row(
      z.object({ error: z.string() }),
      'select error from ops.attempt where attempt_id = $1',
      [store.attempts.at(-1)?.attemptId],
    );
    expect(error).toBe(result.message);
  });
});

describe('what to do about a failure fits it', () => {
  test.each(
    attemptOutcomes.filter(
      (outcome) =>
        !isSuccess(outcome) &&
        !isRetryable({ outcome }) &&
        !['running', 'redirected', 'cancelled', 'fenced', 'abandoned'].includes(outcome),
    ),
  )('%s is not mended by asking again alone', (outcome) => {
    expect(adviseOn({ outcome })).toMatch(/^.{20,}$/);
  });

  test.each([
    ['http_4xx', 404, /^the service has nothing at this path: check --base-url/],
    ['http_4xx', 403, /ask its operator$/],
    ['http_4xx', 422, /check --base-url/],
    ['too_large', 200, /raise JAO_MAX_RESPONSE_BYTES/],
    ['redirect_refused', 302, /--base-url$/],
  ] as const)('%s with HTTP %i', (outcome, status, advice) => {
    expect(adviseOn({ outcome, status })).toMatch(advice);
  });

  test.each([
    ['http_5xx', 503],
    ['http_4xx', 408],
    ['html', 200],
    ['reset', undefined],
  ] as const)('%s with HTTP %s needs nothing but to be asked for again', (outcome, status) => {
    expect(adviseOn({ outcome, status })).toBeUndefined();
  });
});
