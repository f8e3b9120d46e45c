import { readExposition } from '@sluice/metrics/testing';
import type { MetricFamily } from '@sluice/metrics';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

import type { Collector } from '../../src/gather/collector.ts';
import { Scraper } from '../../src/gather/scraper.ts';

const patientMs = 30_000;

function rowsOf(value: number, labels: Record<string, string> = {}): MetricFamily {
  return { name: 'sluice_rows', help: 'Rows.', kind: 'gauge', samples: [{ labels, value }] };
}

function scraperOf(...collectors: readonly Collector[]) {
  const failures: string[] = [];
  let nowMs = 0;
  const scraper = new Scraper(collectors, {
    elapsedMs: () => nowMs,
    onFailure: (name, error) => failures.push(`${name}: ${error}`),
  });
  const scrape = async (timeoutMs = patientMs) => {
    const text = await scraper.scrape({ format: 'text', isCompressed: false, timeoutMs });
    const samples = readExposition(String(text));
    const success = Object.fromEntries(
      samples
        .filter(({ name }) => name === 'sluice_exporter_collector_success')
        .map(({ labels, value }) => [labels['collector'] ?? '', value]),
    );
    return { rows: samples.filter(({ name }) => name === 'sluice_rows'), success };
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { scraper, scrape, failures, pass };
}

/** A collector that is let go by hand. */
function heldCollector(name = 'held') {
  let calls = 0;
  let { promise, resolve } = Promise.withResolvers<readonly MetricFamily[]>();
  const signals: AbortSignal[] = [];
  return {
    name,
    collect: (signal: AbortSignal) => {
      calls += 1;
      signals.push(signal);
      return promise;
    },
    signals,
    get calls() {
      return calls;
    },
    release: (families: readonly MetricFamily[]) => {
      resolve(families);
      ({ promise, resolve } = Promise.withResolvers<readonly MetricFamily[]>());
    },
  };
}

describe('a collector that fails', () => {
  const good: Collector = { name: 'good', collect: () => Promise.resolve([rowsOf(1)]) };

  test.each<[string, Collector['collect'], RegExp]>([
    ['rejects', () => Promise.reject(new Error('no such table')), /no such table/],
    [
      'throws before it gives a promise',
      () => {
        throw new Error('at once');
      },
      /at once/,
    ],
    [
      'gives a value that is no number',
      () =>
        Promise.resolve([
          {
            ...rowsOf(1),
            name: 'sluice_other',
            samples: [{ labels: {}, value: '1' as unknown as number }],
          },
        ]),
      /expected a number/,
    ],
    [
      'gives a metric that another gives as another thing',
      () => Promise.resolve([{ ...rowsOf(1), help: 'Other rows.' }]),
      /declared twice/,
    ],
  ])('and %s costs only itself, and says why', async (_, collect, why) => {
    const { scrape, failures } = scraperOf(good, { name: 'bad', collect });
    expect(await scrape()).toEqual({
      rows: [{ name: 'sluice_rows', labels: {}, value: 1 }],
      success: { good: 1, bad: 0 },
    });
    expect(failures).toEqual([expect.stringMatching(why)]);
  });

  test('is well again when it succeeds', async () => {
    let isBroken = true;
    const { scraper, scrape } = scraperOf({
      name: 'a',
      collect: () => (isBroken ? Promise.reject(new Error('away')) : Promise.resolve([rowsOf(2)])),
    });
    await scrape();
    expect(scraper.states).toEqual([{ name: 'a', lastSuccessAt: undefined, error: 'away' }]);
    isBroken = false;
    expect((await scrape()).success).toEqual({ a: 1 });
    expect(scraper.states).toEqual([
      { name: 'a', lastSuccessAt: expect.any(Date) as Date, error: undefined },
    ]);
  });
});

describe('a collector that hangs', () => {
  test('is told to stop at the deadline, and what the others gave is answered', async () => {
    const held = heldCollector();
    const { scrape, failures } = scraperOf(
      { name: 'good', collect: () => Promise.resolve([rowsOf(1)]) },
      held,
    );
    const answer = await scrape(20);
    expect(answer.rows).toHaveLength(1);
    expect(answer.success).toEqual({ good: 1, held: 0 });
    expect(held.signals[0]?.aborted).toBe(true);
    expect(failures).toEqual(["held: not done when the scrape's time was up"]);
  });

  test('is not started again before it has ended', async () => {
    const held = heldCollector();
    const { scrape, failures } = scraperOf(held);
    await scrape(10);
    expect((await scrape(patientMs)).success).toEqual({ held: 0 });
    expect(held.calls).toBe(1);
    expect(failures[1]).toMatch(/^held: it has not ended since /);
    held.release([]);
    await new Promise(setImmediate);
    const third = scrape(patientMs);
    held.release([rowsOf(3)]);
    expect((await third).rows).toMatchObject([{ value: 3 }]);
    expect(held.calls).toBe(2);
  });
});

describe('scrapes at once', () => {
  test('share one gather, its text and what it is compressed to', async () => {
    const held = heldCollector();
    const { scraper } = scraperOf(held);
    const ask = (isCompressed: boolean) =>
      scraper.scrape({ format: 'text', isCompressed, timeoutMs: patientMs });
    const scrapes = [ask(false), ask(true), ask(false), ask(true)];
    held.release([rowsOf(7)]);
    const [first, compressed, second, again] = await Promise.all(scrapes);
    expect(held.calls).toBe(1);
    expect(second).toBe(first);
    expect(again).toBe(compressed);
    expect(gunzipSync(compressed as Buffer).toString()).toBe(first);
  });

  test('each keep their own deadline: the hurried one gets what is known, the patient one all', async () => {
    const held = heldCollector();
    const { scrape } = scraperOf(held, {
      name: 'good',
      collect: () => Promise.resolve([rowsOf(1, { from: 'good' })]),
    });
    const patient = scrape(patientMs);
    const hurried = await scrape(20);
    expect(hurried.success).toEqual({ held: 0, good: 1 });
    expect(held.signals[0]?.aborted).toBe(false);
    held.release([rowsOf(2, { from: 'held' })]);
    expect((await patient).success).toEqual({ held: 1, good: 1 });
    expect((await patient).rows).toHaveLength(2);
  });

  test('one that comes later reads anew, and a label that vanished is gone', async () => {
    let count = 0;
    const { scrape } = scraperOf({
      name: 'counting',
      collect: () => {
        count += 1;
        return Promise.resolve([rowsOf(count, { n: String(count) })]);
      },
    });
    await scrape();
    expect((await scrape()).rows).toEqual([{ name: 'sluice_rows', labels: { n: '2' }, value: 2 }]);
  });
});

describe('scrapes that overlap while a collector hangs', () => {
  function hungBesideCounting() {
    let count = 0;
    const held = heldCollector();
    const counting: Collector = {
      name: 'counting',
      collect: () => Promise.resolve([rowsOf((count += 1))]),
    };
    return { held, ...scraperOf(held, counting) };
  }

  test('share what is young, and read anew what has become old', async () => {
    const { held, scrape, pass } = hungBesideCounting();
    const scrapes = [scrape()];
    pass(999);
    scrapes.push(scrape());
    pass(1);
    scrapes.push(scrape());
    expect(held.calls).toBe(2);
    held.release([]);
    const values = (await Promise.all(scrapes)).map(({ rows }) => rows[0]?.value);
    expect(values).toEqual([1, 1, 2]);
  });

  test('read anew as soon as one of them has waited in vain', async () => {
    const { held, scrape } = hungBesideCounting();
    const patient = scrape();
    expect((await scrape(10)).success).toEqual({ held: 0, counting: 1 });
    const next = scrape();
    expect(held.calls).toBe(2);
    expect(held.signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    held.release([]);
    expect((await patient).rows).toMatchObject([{ value: 1 }]);
    expect((await next).rows).toMatchObject([{ value: 2 }]);
  });

  test('have it run twice at most: a third is told that it is busy, and sees the others as they are', async () => {
    const { held, scrape, failures, pass } = hungBesideCounting();
    const earlier = [scrape()];
    pass(1000);
    earlier.push(scrape());
    await new Promise(setImmediate);
    pass(1000);
    const third = await scrape();
    expect(third.success).toEqual({ held: 0, counting: 1 });
    expect(third.rows).toMatchObject([{ value: 3 }]);
    expect(failures).toEqual([expect.stringMatching(/^held: it has not ended since /)]);
    expect(held.calls).toBe(2);
    held.release([]);
    expect((await Promise.all(earlier)).map(({ success }) => success)).toEqual([
      { held: 1, counting: 1 },
      { held: 1, counting: 1 },
    ]);
  });

  test('each stop only what no other waits for', async () => {
    const { held, scrape, pass } = hungBesideCounting();
    const patient = scrape();
    pass(1000);
    await scrape(10);
    expect(held.signals.map(({ aborted }) => aborted)).toEqual([false, true]);
    held.release([]);
    expect((await patient).success).toEqual({ held: 1, counting: 1 });
  });
});
