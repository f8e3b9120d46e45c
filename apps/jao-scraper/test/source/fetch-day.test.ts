import { expect, test } from 'vitest';

import { fetchDay } from '../../src/source/fetch-day.ts';
import type {
  FailedOutcome,
  FollowedRedirect,
  SourceAnswer,
} from '../../src/source/source-answer.ts';
import type { WindowRequest } from '../../src/source/source.ts';
import { day, hourMs } from './ask.ts';

const figures = { durationMs: 1, wireBytes: 0, decodedBytes: 0, requests: [] };
const validators = { etag: undefined, lastModified: undefined, serverDate: undefined };

const answered: SourceAnswer = {
  ...figures,
  ...validators,
  outcome: 'answered',
  status: 200,
  bytes: new Uint8Array(),
  sha256: Buffer.alloc(32),
};

function failed(outcome: FailedOutcome): SourceAnswer {
  return { ...figures, outcome, status: 400, retryAfterMs: undefined, message: 'fetch: no' };
}

/** Fetches a day of 24 hours, and writes down what was opened, asked and closed, with hours of the day. */
async function fetchFrom(
  service: (hours: number, first: number) => SourceAnswer,
  request: Partial<WindowRequest> = {},
  redirectOf: (first: number) => FollowedRedirect | undefined = () => undefined,
): Promise<{ readonly last: SourceAnswer; readonly log: readonly string[] }> {
  const log: string[] = [];
  const hoursOf = ({ fromMs, toMs }: Pick<WindowRequest, 'fromMs' | 'toMs'>) =>
    [(fromMs - day.fromMs) / hourMs, (toMs - day.fromMs) / hourMs] as const;
  const last = await fetchDay(
    {
      fetchWindow: async (window) => {
        const [from, to] = hoursOf(window);
        log.push(`ask${window.etag ?? ''}${window.lastModified ?? ''}`);
        const redirect = redirectOf(from);
        if (redirect !== undefined) {
          await window.beforeRedirect?.(redirect);
        }
        return service(to - from, from);
      },
    },
    {
      ...day,
      signal: new AbortController().signal,
      ...request,
      attempt: (window) => {
        const [from, to] = hoursOf(window);
        log.push(`open ${from}-${to}`);
        return Promise.resolve({
          follow: ({ url }) => {
            log.push(`follow ${url.pathname}`);
            return Promise.resolve();
          },
          close: (answer) => {
            log.push(`close ${answer.outcome}`);
            return Promise.resolve();
          },
        });
      },
    },
  );
  return { last, log };
}

test('a redirect that is followed is told to the attempt that is open', async () => {
  const sent = { status: 302, durationMs: 1, wireBytes: 0 };
  const url = new URL('https://127.0.0.1/moved');
  const { log } = await fetchFrom(
    () => answered,
    {},
    () => ({ url, sent }),
  );
  expect(log).toEqual(['open 0-24', 'ask', 'follow /moved', 'close answered']);
});

test('a day that the service takes is one attempt', async () => {
  const { last, log } = await fetchFrom(() => answered);

  expect(last).toBe(answered);
  expect(log).toStrictEqual(['open 0-24', 'ask', 'close answered']);
});

test('a day that is too long is asked for in halves, in order, each an attempt of its own', async () => {
  const { last, log } = await fetchFrom((hours) =>
    hours > 6 ? failed('range_refused') : answered,
  );

  expect(last.outcome).toBe('answered');
  expect(log.filter((line) => line !== 'ask')).toStrictEqual([
    'open 0-24',
    'close range_refused',
    'open 0-12',
    'close range_refused',
    'open 0-6',
    'close answered',
    'open 6-12',
    'close answered',
    'open 12-24',
    'close range_refused',
    'open 12-18',
    'close answered',
    'open 18-24',
    'close answered',
  ]);
});

test('validators of the day are sent for the whole day alone', async () => {
  const { log } = await fetchFrom((hours) => (hours > 12 ? failed('range_refused') : answered), {
    etag: ' "1"',
    lastModified: ' then',
  });

  expect(log.filter((line) => line.startsWith('ask'))).toStrictEqual([
    'ask "1" then',
    'ask',
    'ask',
  ]);
});

test('a day that has not changed is one attempt', async () => {
  const unmodified: SourceAnswer = {
    ...figures,
    ...validators,
    outcome: 'not_modified',
    status: 304,
  };

  const { last, log } = await fetchFrom(() => unmodified, { etag: ' "1"' });

  expect(last.outcome).toBe('not_modified');
  expect(log).toHaveLength(3);
});

test.each(['http_5xx', 'cancelled', 'reset'] as const)(
  'a part that is %s ends the day, since a day is whole or nothing',
  async (outcome) => {
    const { last, log } = await fetchFrom((hours, first) => {
      if (hours > 6) {
        return failed('range_refused');
      }
      return first === 6 ? failed(outcome) : answered;
    });

    expect(last.outcome).toBe(outcome);
    expect(log.at(-1)).toBe(`close ${outcome}`);
    expect(log.filter((line) => line.startsWith('open'))).toHaveLength(4);
  },
);

test('a service that refuses every range is asked once for each halving, and no more', async () => {
  const { last, log } = await fetchFrom((hours) =>
    failed(hours > 1 ? 'range_refused' : 'http_4xx'),
  );

  expect(last.outcome).toBe('http_4xx');
  expect(log.filter((line) => line.startsWith('open'))).toStrictEqual([
    'open 0-24',
    'open 0-12',
    'open 0-6',
    'open 0-3',
    'open 0-1',
  ]);
});
