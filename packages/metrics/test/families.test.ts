import { describe, expect, test } from 'vitest';

import { mergeFamilies } from '../src/merge-families.ts';
import {
  addProcessMetrics,
  Counter,
  createRegistry,
  Gauge,
  Histogram,
  readRegistry,
} from '../src/process-registry.ts';
import { renderFamilies } from '../src/render-families.ts';
import { readExposition } from '../src/testing.ts';

describe('merging', () => {
  const rows = { name: 'sluice_rows', help: 'Rows.', kind: 'gauge' } as const;

  test('samples of one metric from several sources are one family, and families are in order', () => {
    const merged = mergeFamilies([
      { ...rows, samples: [{ labels: { dataset: 'votes' }, value: 1 }] },
      { name: 'sluice_a', help: 'A.', kind: 'gauge', samples: [] },
      { ...rows, samples: [{ labels: { dataset: 'core/maxExchanges' }, value: 2 }] },
    ]);
    expect(merged.map(({ name }) => name)).toEqual(['sluice_a', 'sluice_rows']);
    expect(merged[1]?.samples.map(({ value }) => value)).toEqual([1, 2]);
  });

  test.each([{ kind: 'counter' as const }, { help: 'Other rows.' }])(
    'what is declared as two things is refused: %o',
    (other) => {
      expect(() =>
        mergeFamilies([
          { ...rows, samples: [] },
          { ...rows, ...other, samples: [] },
        ]),
      ).toThrow('sluice_rows: declared twice');
    },
  );
});

describe('a process', () => {
  test('its counters, gauges and histograms are read as they are, whatever format was asked for before', async () => {
    const registry = createRegistry();
    const registers = [registry];
    new Counter({ name: 'runs_total', help: 'Runs.', labelNames: ['app'], registers }).inc(
      { app: 'a' },
      2,
    );
    new Gauge({ name: 'size_bytes', help: 'Size.', registers }).set(1.5);
    new Histogram({ name: 'wait_seconds', help: 'Wait.', buckets: [0.5, 1], registers }).observe(
      0.7,
    );
    const families = await readRegistry(registry);
    for (const format of ['openMetrics', 'text', 'openMetrics', 'text'] as const) {
      const read = readExposition(renderFamilies(families, format));
      expect(
        read.map(({ name, labels, value }) => [name, labels['app'] ?? labels['le'], value]),
      ).toEqual([
        ['runs_total', 'a', 2],
        ['size_bytes', undefined, 1.5],
        ['wait_seconds_bucket', '0.5', 0],
        ['wait_seconds_bucket', format === 'text' ? '1' : '1.0', 1],
        ['wait_seconds_bucket', '+Inf', 1],
        ['wait_seconds_sum', undefined, 0.7],
        ['wait_seconds_count', undefined, 1],
      ]);
    }
  });

  test('what it tells of itself can be written in both formats', async () => {
    const registry = createRegistry();
    addProcessMetrics(registry);
    const families = await readRegistry(registry);
    const names = families.map(({ name }) => name);
    expect(names).toContain('process_resident_memory_bytes');
    expect(names).toContain('nodejs_eventloop_lag_seconds');
    expect(names.filter((name) => /^nodejs_active_.*_total$/.test(name))).toEqual([]);
    expect(readExposition(renderFamilies(families, 'openMetrics')).length).toBeGreaterThan(20);
  });
});
