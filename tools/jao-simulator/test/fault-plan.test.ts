import { expect, test } from 'vitest';

import { createFaultPlan } from '../src/fault-plan.ts';
import type { FaultTarget } from '../src/fault-plan.ts';
import { faultKinds, isContentFault, transientFaults } from '../src/index.ts';
import { dayUrl, readRows, simulate } from './simulate.ts';

function target(over: Partial<FaultTarget> = {}): FaultTarget {
  return {
    path: '/core/api/data/maxExchanges',
    url: '/core/api/data/maxExchanges?FromUtc=a',
    dataset: 'core/maxExchanges',
    businessDay: '2026-04-20',
    hasAnswer: true,
    ...over,
  };
}

test('faults are taken in the order in which they were added, each as often as it says', () => {
  const plan = createFaultPlan(1);
  plan.add({ kind: 'http_500', times: 2 });
  plan.add({ kind: 'http_502' });
  plan.add({ kind: 'http_503', after: 2 });
  const kinds = Array.from({ length: 7 }, () => plan.take(target())?.kind);
  expect(kinds).toEqual([
    'http_500',
    'http_500',
    'http_502',
    undefined,
    undefined,
    'http_503',
    undefined,
  ]);
  expect(plan.pending()).toBe(0);
});

test('a fault waits for a request that it is for', () => {
  const plan = createFaultPlan(1);
  plan.add({ kind: 'http_500', dataset: 'core/netPos' });
  plan.add({ kind: 'http_502', businessDay: '2026-04-21' });
  plan.add({ kind: 'http_503', pathPrefix: '/nordic/' });
  plan.add({ kind: 'short_page' });
  expect(plan.take(target({ hasAnswer: false }))).toBeUndefined();
  expect(plan.take(target({ dataset: 'core/netPos' }))?.kind).toBe('http_500');
  expect(plan.take(target({ businessDay: '2026-04-21' }))?.kind).toBe('http_502');
  expect(plan.take(target({ path: '/nordic/api/system/monitoring' }))?.kind).toBe('http_503');
  expect(plan.take(target())?.kind).toBe('short_page');
});

test('a random fault is decided by URL and time, not by the order of different URLs', () => {
  const urls = Array.from({ length: 200 }, (_, index) => `/x?day=${index}`);
  const decide = (order: readonly string[]) => {
    const plan = createFaultPlan(3);
    plan.setRandom({ rate: 0.2 });
    return new Map(order.map((url) => [url, plan.take(target({ url }))?.kind]));
  };
  const one = decide(urls);
  const other = decide(urls.toReversed());
  for (const url of urls) expect(other.get(url)).toBe(one.get(url));
  const count = [...one.values()].filter((kind) => kind !== undefined).length;
  expect(count).toBeGreaterThan(20);
  expect(count).toBeLessThan(65);
});

test('asked again, a URL has another chance', () => {
  const plan = createFaultPlan(1);
  plan.setRandom({ rate: 0.5 });
  const kinds = Array.from({ length: 100 }, () => plan.take(target())?.kind);
  const count = kinds.filter((kind) => kind !== undefined).length;
  expect(count).toBeGreaterThan(30);
  expect(count).toBeLessThan(70);
});

test('random faults are of the chosen kinds, with the chosen parameters', () => {
  const plan = createFaultPlan(1);
  plan.setRandom({ rate: 1, kinds: ['http_429_seconds', 'drip'], seconds: 3, intervalMs: 7 });
  const faults = Array.from({ length: 50 }, (_, at) => plan.take(target({ url: `/${at}` })));
  expect(new Set(faults.map((fault) => fault?.kind))).toEqual(
    new Set(['http_429_seconds', 'drip']),
  );
  expect(faults[0]).toMatchObject({ seconds: 3, intervalMs: 7 });
});

test('a rate beyond 0 to 1 is refused', () => {
  const plan = createFaultPlan(1);
  expect(() => {
    plan.setRandom({ rate: 1.5 });
  }).toThrow(/1\.5/);
});

test('transient faults are known kinds that bring no wrong content', () => {
  expect(transientFaults.filter((kind) => !faultKinds.includes(kind))).toEqual([]);
  expect(transientFaults.filter(isContentFault)).toEqual([]);
  expect(new Set(faultKinds).size).toBe(faultKinds.length);
});

test('who asks until an answer is sound has the truth, at a fifth of faults', async () => {
  const simulator = await simulate({ randomFaults: { rate: 0.2 }, seed: 9 });
  let failures = 0;
  for (let day = 1; day <= 30; day += 1) {
    const url = dayUrl(simulator, 'swe/Adjustment', `2026-04-${String(day).padStart(2, '0')}`);
    for (;;) {
      const rows = await readRows(url).catch(() => undefined);
      if (rows !== undefined && rows.length > 0) {
        expect(rows).toHaveLength(24);
        break;
      }
      failures += 1;
    }
  }
  const faults = simulator.requests.filter(({ fault }) => fault !== undefined);
  expect(failures).toBeGreaterThan(0);
  expect(faults.length).toBeGreaterThanOrEqual(failures);
});
