import { createRegistry } from '@sluice/metrics';
import { expect, test } from 'vitest';

import type { SourceAnswer } from '../../src/source/source-answer.ts';
import { createSourceMetrics } from '../../src/source/source-metrics.ts';

const figures = { durationMs: 300, wireBytes: 100, decodedBytes: 700, ...sent(200) };
const failure = {
  ...figures,
  decodedBytes: 0,
  retryAfterMs: undefined,
  message: 'fetch https://host/path: HTTP 503',
};

/** One request for each status, of 300 ms. */
function sent(...statuses: readonly (number | undefined)[]): Pick<SourceAnswer, 'requests'> {
  return { requests: statuses.map((status) => ({ status, durationMs: 300, wireBytes: 0 })) };
}

function observe(...answers: readonly SourceAnswer[]) {
  const registry = createRegistry();
  const metrics = createSourceMetrics(registry, 'jao');
  for (const answer of answers) {
    metrics.observeRequest({ dataset: 'core/atc', answer });
  }
  return { metrics, read: () => registry.metrics() };
}

test('requests are counted by the status of the response, each redirect as one', async () => {
  const { read } = observe(
    { ...failure, outcome: 'http_5xx', status: 503, ...sent(302, 307, 503) },
    { ...failure, outcome: 'dns', status: undefined, ...sent(undefined) },
    { ...failure, outcome: 'truncated', status: 200 },
  );

  const text = await read();

  for (const code of ['302', '307', '503', 'none', '200']) {
    expect(text).toContain(
      `sluice_source_requests_total{source="jao",endpoint="core/atc",code="${code}"} 1`,
    );
  }
  expect(text).toContain(
    'sluice_source_request_duration_seconds_count{source="jao",endpoint="core/atc"} 5',
  );
  for (const reason of ['http_5xx', 'dns', 'truncated']) {
    expect(text).toContain(
      `sluice_source_request_failures_total{source="jao",reason="${reason}"} 1`,
    );
  }
});

test('a request that was stopped before it was sent is none', async () => {
  const text = await observe(
    { ...failure, outcome: 'cancelled', status: undefined, ...sent(302) },
    { ...failure, outcome: 'cancelled', status: undefined, ...sent() },
  ).read();

  expect([...text.matchAll(/^sluice_source_requests_total\{.*\} (\d+)$/gm)]).toHaveLength(1);
  expect(text).toContain(
    'sluice_source_requests_total{source="jao",endpoint="core/atc",code="302"} 1',
  );
});

test('bytes and time add up, in bytes and seconds', async () => {
  const answered: SourceAnswer = {
    ...figures,
    outcome: 'answered',
    status: 200,
    bytes: new Uint8Array(),
    sha256: Buffer.alloc(32),
    etag: undefined,
    lastModified: undefined,
    serverDate: undefined,
  };

  const text = await observe(answered, answered).read();

  expect(text).toContain('sluice_source_response_bytes_total{source="jao"} 200');
  expect(text).toContain('sluice_source_decoded_bytes_total{source="jao"} 1400');
  expect(text).toContain(
    'sluice_source_request_duration_seconds_sum{source="jao",endpoint="core/atc"} 0.6',
  );
  const buckets = [...text.matchAll(/duration_seconds_bucket\{le="([^"]+)".* (\d)$/gm)];
  expect(buckets.map(([, le, count]) => `${le}:${count}`).join(' ')).toBe(
    '0.05:0 0.1:0 0.25:0 0.5:2 1:2 2.5:2 5:2 10:2 30:2 60:2 +Inf:2',
  );
  expect(text).not.toMatch(/^sluice_source_request_failures_total\{.* [^0]/m);
});

test('a 304 is no failure, and neither is a stop', async () => {
  const text = await observe(
    {
      ...figures,
      ...sent(304),
      outcome: 'not_modified',
      status: 304,
      etag: undefined,
      lastModified: undefined,
      serverDate: undefined,
    },
    { ...failure, outcome: 'cancelled', status: undefined },
  ).read();

  expect(text).toContain('sluice_source_not_modified_total{source="jao"} 1');
  expect(text).not.toMatch(/^sluice_source_request_failures_total\{.* [^0]/m);
});

test('what the caller knows is counted when it says so', async () => {
  const { metrics, read } = observe();

  metrics.countRefusedBody('html');
  metrics.countRetry();
  metrics.countRetry();
  metrics.throttleWaitSeconds.inc(1.5);
  metrics.setPausedUntil(Date.UTC(2026, 6, 1, 12) + 500);

  const text = await read();
  expect(text).toContain('sluice_source_request_failures_total{source="jao",reason="html"} 1');
  expect(text).toContain('sluice_source_retries_total{source="jao"} 2');
  expect(text).toContain('sluice_source_throttle_wait_seconds_total{source="jao"} 1.5');
  expect(text).toContain('sluice_source_paused_until_timestamp_seconds{source="jao"} 1782907200.5');
});

test('counts without an event are there, at 0, and two registries share nothing', async () => {
  observe({ ...failure, outcome: 'dns', status: undefined });
  const text = await observe().read();

  for (const name of ['response_bytes', 'decoded_bytes', 'retries', 'not_modified']) {
    expect(text).toContain(`sluice_source_${name}_total{source="jao"} 0`);
  }
  expect(text).toContain('sluice_source_paused_until_timestamp_seconds{source="jao"} 0');
  expect(text).not.toContain('code=');
});

test('failures are there by their reason before the first one, at 0', async () => {
  const text = await observe().read();

  for (const reason of ['http_429', 'http_5xx', 'dns', 'not_json', 'schema', 'rejected', 'html']) {
    expect(text).toContain(
      `sluice_source_request_failures_total{source="jao",reason="${reason}"} 0`,
    );
  }
  expect(text).not.toContain('cancelled');
});
