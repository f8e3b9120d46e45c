import { Counter, Gauge, Histogram } from '@sluice/metrics';
import type { Registry } from '@sluice/metrics';
import type { AttemptOutcome } from '@sluice/schemas/jao';

import { failedOutcomes } from './source-answer.ts';
import type { SourceAnswer } from './source-answer.ts';

/** From half the usual answer of the service to the longest deadline. */
const durationBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What a body can be refused with that came whole; the rest a request can end with, too. */
const refusedBodies = [
  'rejected',
  'empty_body',
  'html',
  'foreign',
] as const satisfies readonly AttemptOutcome[];

/** Why a request brings no data. A stop is none of the source's failures. */
const failureReasons: readonly AttemptOutcome[] = [
  ...refusedBodies,
  ...failedOutcomes.filter((outcome) => outcome !== 'cancelled'),
];

/** What requests to one source cost, and what came of them. */
export interface SourceMetrics {
  /** Counts one call of `fetchWindow`: each request that it sent, with its time; its bytes, its failure. */
  readonly observeRequest: (request: ObservedRequest) => void;
  /** Counts a body that came whole and was refused by its parser. */
  readonly countRefusedBody: (outcome: AttemptOutcome) => void;
  /** Counts a request that is made again. */
  readonly countRetry: () => void;
  /** Time for which requests waited for the shared pace, or for the end of a pause. */
  readonly throttleWaitSeconds: { readonly inc: (seconds: number) => void };
  /** Tells until when the source wants to be left alone, in UTC epoch milliseconds. */
  readonly setPausedUntil: (untilMs: number) => void;
}

export interface ObservedRequest {
  /** `core/maxExchanges`, for the label `endpoint`: the catalogue's names are only so many. */
  readonly dataset: string;
  readonly answer: SourceAnswer;
}

/** Adds the metrics of a source, named for the label `source`, to a registry that has none of them yet. */
export function createSourceMetrics(registry: Registry, source: string): SourceMetrics {
  const { requests, failures, duration, pausedUntil } = createLabelled(registry);
  const count = createCounts(registry, source);
  pausedUntil.set({ source }, 0);
  for (const reason of failureReasons) {
    failures.inc({ source, reason }, 0);
  }
  return {
    observeRequest: ({ dataset: endpoint, answer }) => {
      for (const { status, durationMs } of answer.requests) {
        requests.inc({ source, endpoint, code: status ?? 'none' });
        duration.observe({ source, endpoint }, durationMs / 1000);
      }
      count.wireBytes.inc(answer.wireBytes);
      count.decodedBytes.inc(answer.decodedBytes);
      if (answer.outcome === 'not_modified') {
        count.unmodified.inc();
      } else if (answer.outcome !== 'answered' && answer.outcome !== 'cancelled') {
        failures.inc({ source, reason: answer.outcome });
      }
    },
    countRefusedBody: (outcome) => {
      failures.inc({ source, reason: outcome });
    },
    countRetry: () => {
      count.retries.inc();
    },
    throttleWaitSeconds: count.throttleWait,
    setPausedUntil: (untilMs) => {
      pausedUntil.set({ source }, untilMs / 1000);
    },
  };
}

function createLabelled(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'sluice_source_requests_total',
      help: 'HTTP requests to the source by the status of the response; none where none came.',
      labelNames: ['source', 'endpoint', 'code'],
      registers,
    }),
    failures: new Counter({
      name: 'sluice_source_request_failures_total',
      help: 'Requests to the source that brought no data, by the outcome of their attempt.',
      labelNames: ['source', 'reason'],
      registers,
    }),
    duration: new Histogram({
      name: 'sluice_source_request_duration_seconds',
      help: 'Time from sending a request to the last byte of its response.',
      labelNames: ['source', 'endpoint'],
      buckets: durationBuckets,
      registers,
    }),
    pausedUntil: new Gauge({
      name: 'sluice_source_paused_until_timestamp_seconds',
      help: 'Until when the source wants to be left alone, or wanted to the last time that this process was told; 0 where it never was.',
      labelNames: ['source'],
      registers,
    }),
  };
}

/**
 * Each is there from the start, at 0, as are failures by their reason: a rate of what begins with its
 * first event has lost that event. Requests by status and endpoint are not: no rate of one of them
 * alone is of interest.
 */
function createCounts(registry: Registry, source: string) {
  const createCount = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['source'], registers: [registry] }).labels({ source });
  const counts = {
    wireBytes: createCount(
      'sluice_source_response_bytes_total',
      'Bytes of response bodies as they came.',
    ),
    decodedBytes: createCount(
      'sluice_source_decoded_bytes_total',
      'Bytes of response bodies after decompression.',
    ),
    retries: createCount('sluice_source_retries_total', 'Requests that were made again.'),
    unmodified: createCount(
      'sluice_source_not_modified_total',
      'Responses that said that nothing is new.',
    ),
    throttleWait: createCount(
      'sluice_source_throttle_wait_seconds_total',
      'Time for which requests waited for the shared pace, or for the end of a pause.',
    ),
  };
  for (const count of Object.values(counts)) {
    count.inc(0);
  }
  return counts;
}
