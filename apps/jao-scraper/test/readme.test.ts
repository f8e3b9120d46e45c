import { commandsBelow } from '@sluice/command-line/testing';
import { createRegistry } from '@sluice/metrics';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { defineProgram } from '../src/cli.ts';
import { configSource, settings } from '../src/config.ts';
import { createSourceMetrics } from '../src/source/source-metrics.ts';
import { createWorkerMetrics } from '../src/watch/worker-metrics.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const program = defineProgram(() => () => Promise.resolve());

describe('the README', () => {
  test.each([...commandsBelow(program)])(
    'names the command %s and its options',
    (name, command) => {
      expect(readme).toContain(`\`${name}`);
      for (const option of command.options) {
        expect(readme).toContain(option.long ?? option.short);
      }
    },
  );

  test.each(Object.entries(settings))(
    'names the setting %s, its flag and its variable',
    (name, source) => {
      const row = readme
        .split('\n')
        .find((line) => line.startsWith('|') && line.includes(`\`${source.variable}\``));
      expect(row).toContain(`\`${name}\``);
      expect(row).toContain('flag' in source ? `\`${source.flag}\`` : '');
    },
  );

  test('names every metric', () => {
    const registry = createRegistry();
    createSourceMetrics(registry, 'jao');
    createWorkerMetrics(registry, { version: '1.0.0', revision: 'a1b2c3', datasets: [] });
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(readme).toContain(`\`${name}\``);
  });

  test('names the file of the settings, and its variable', () => {
    expect(readme).toContain(configSource.defaultFile);
    expect(readme).toContain(`\`${configSource.fileVariable}\``);
  });
});

test('every flag of a setting is an option of watch, and each of its options is told of', () => {
  const watch = program.commands.find((command) => command.name() === 'watch');
  const flags = Object.values(settings).flatMap((source) => ('flag' in source ? source.flag : []));
  const options = watch?.options.map((option) => option.long) ?? [];
  const own = ['--config', '--verbose', '--dataset', '--once'];
  expect(options.toSorted()).toEqual([...flags, ...own].toSorted());
});
