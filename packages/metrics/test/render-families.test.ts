import { spawnSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { renderFamilies } from '../src/render-families.ts';
import type { MetricFormat } from '../src/render-families.ts';
import type { MetricFamily } from '../src/metric-family.ts';
import { readExposition } from '../src/testing.ts';

const formats: readonly MetricFormat[] = ['text', 'openMetrics'];
const gauge = (samples: MetricFamily['samples'], help = 'A gauge.'): MetricFamily => ({
  name: 'sluice_test_rows',
  help,
  kind: 'gauge',
  samples,
});

describe('what is written', () => {
  const families: readonly MetricFamily[] = [
    {
      name: 'sluice_runs_total',
      help: 'Runs, "all" of them \\ever.\nTruly.',
      kind: 'counter',
      samples: [{ labels: { app: 'votes-ingest' }, value: 3 }],
    },
    {
      name: 'sluice_wait_seconds',
      help: 'A wait.',
      kind: 'histogram',
      samples: [
        { labels: { le: '1' }, value: 1, part: 'bucket' },
        { labels: { le: '+Inf' }, value: 2, part: 'bucket' },
        { labels: {}, value: 1.5, part: 'sum' },
        { labels: {}, value: 2, part: 'count' },
      ],
    },
  ];

  test('a family that is told again is written once for each format', () => {
    let looks = 0;
    const family: MetricFamily = {
      ...gauge([]),
      get samples() {
        looks += 1;
        return [{ labels: {}, value: 1 }];
      },
    };
    const texts = formats.map((format) => renderFamilies([family], format));
    expect(formats.map((format) => renderFamilies([family], format))).toEqual(texts);
    expect(texts[0]).toContain('sluice_test_rows 1');
    expect(looks).toBe(formats.length);
  });

  test('text of version 0.0.4', () => {
    expect(renderFamilies(families, 'text')).toBe(
      [
        String.raw`# HELP sluice_runs_total Runs, "all" of them \\ever.\nTruly.`,
        '# TYPE sluice_runs_total counter',
        'sluice_runs_total{app="votes-ingest"} 3',
        '# HELP sluice_wait_seconds A wait.',
        '# TYPE sluice_wait_seconds histogram',
        'sluice_wait_seconds_bucket{le="1"} 1',
        'sluice_wait_seconds_bucket{le="+Inf"} 2',
        'sluice_wait_seconds_sum 1.5',
        'sluice_wait_seconds_count 2',
        '',
      ].join('\n'),
    );
  });

  test('OpenMetrics 1.0 names the family of a counter without its ending, and ends with EOF', () => {
    expect(renderFamilies(families, 'openMetrics')).toBe(
      [
        String.raw`# HELP sluice_runs Runs, \"all\" of them \\ever.\nTruly.`,
        '# TYPE sluice_runs counter',
        'sluice_runs_total{app="votes-ingest"} 3',
        '# HELP sluice_wait_seconds A wait.',
        '# TYPE sluice_wait_seconds histogram',
        'sluice_wait_seconds_bucket{le="1.0"} 1',
        'sluice_wait_seconds_bucket{le="+Inf"} 2',
        'sluice_wait_seconds_sum 1.5',
        'sluice_wait_seconds_count 2',
        '# EOF',
        '',
      ].join('\n'),
    );
  });

  test.each([
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
    [0, '0'],
    [1e21, '1e+21'],
    [1_774_000_000.123, '1774000000.123'],
  ])('%d is %s', (value, text) => {
    expect(renderFamilies([gauge([{ labels: {}, value }])], 'text')).toContain(
      `\nsluice_test_rows ${text}\n`,
    );
  });

  test('an answer of nothing is one of OpenMetrics, too', () => {
    expect(renderFamilies([], 'openMetrics')).toBe('# EOF\n');
  });
});

describe('hostile labels', () => {
  const alphabets = [
    '"',
    '\\',
    '\n',
    '\r',
    '{}',
    ',',
    '=',
    ' ',
    '#',
    'ü',
    '漢',
    '🦀',
    '\u202e',
    '\t',
    'n',
  ];
  const hostile = Array.from({ length: 100 }, (_, index) =>
    index === 0
      ? ''
      : Array.from(
          { length: index % 10 === 0 ? 10_000 : index },
          (__, place) => alphabets[(index * 7 + place * (index + 3)) % alphabets.length],
        ).join(''),
  );

  test.each(formats)('100 of them come back from %s as they were', (format) => {
    const samples = hostile.map((text, value) => ({
      labels: { key: text, n: String(value) },
      value,
    }));
    const read = readExposition(renderFamilies([gauge(samples, hostile[41])], format));
    expect(read).toEqual(samples.map((sample) => ({ name: 'sluice_test_rows', ...sample })));
  });

  test('half a surrogate pair and NUL, which can not be said, become U+FFFD', () => {
    const text = renderFamilies([gauge([{ labels: { key: 'a\0b\ud800c' }, value: 1 }])], 'text');
    expect(text).toContain('{key="a\uFFFDb\uFFFDc"}');
  });
});

describe('what is refused', () => {
  test.each([
    ['a name with a blank', { ...gauge([]), name: 'a b' }],
    ['a counter without _total', { ...gauge([]), kind: 'counter' as const }],
    ['a gauge with _total', { ...gauge([]), name: 'rows_total' }],
    ['a label with a dash', gauge([{ labels: { 'a-b': '' }, value: 1 }])],
    [
      'a value that is a text, as Postgres gives a bigint',
      gauge([{ labels: {}, value: '1' as unknown as number }]),
    ],
  ])('%s', (_, family) => {
    expect(() => renderFamilies([family], 'text')).toThrow(TypeError);
  });
});

const promtool = spawnSync('promtool', ['--version']);

describe.skipIf(promtool.error !== undefined)('promtool, where it is installed', () => {
  test('finds nothing wrong', () => {
    const input = renderFamilies(
      [gauge([{ labels: { key: 'a "quoted" \\ one\n' }, value: 1 }])],
      'text',
    );
    const { status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input });
    expect(`${stdout.toString()}${stderr.toString()}`).toBe('');
    expect(status).toBe(0);
  });
});
