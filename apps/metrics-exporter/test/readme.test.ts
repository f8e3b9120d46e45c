import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { defineProgram } from '../src/cli.ts';
import { configSource, settings } from '../src/config.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const program = defineProgram(() => () => Promise.resolve());

describe('the README', () => {
  test.each(program.options.map((option) => option.long ?? ''))('names the option %s', (option) => {
    expect(readme).toContain(`\`${option}`);
  });

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

  test('names the file of the settings, and its variable', () => {
    expect(readme).toContain(configSource.defaultFile);
    expect(readme).toContain(`\`${configSource.fileVariable}\``);
  });

  test.each(['/', '/metrics', '/livez', '/readyz'])('names the path %s', (path) => {
    expect(readme).toContain(`| \`${path}\` `);
  });
});

test('every flag of a setting is an option, and each option is told of in the help', () => {
  const flags = Object.values(settings).flatMap((source) => ('flag' in source ? source.flag : []));
  const own = ['--config', '--config.check', '--verbose', '--version'];
  const options = program.options.map((option) => option.long);
  expect(options.toSorted()).toEqual([...flags, ...own].toSorted());
  for (const option of options) {
    expect(program.helpInformation()).toContain(option);
  }
});
