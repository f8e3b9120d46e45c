import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { defineProgram } from '../src/cli.ts';
import { configSource, settings } from '../src/config.ts';
import { withService } from '../src/setting-options.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const program = defineProgram(() => () => Promise.resolve());

function* commandsBelow(command: Command, path = ''): Generator<[string, Command]> {
  for (const below of command.commands) {
    const name = `${path}${below.name()}`;
    yield [name, below];
    yield* commandsBelow(below, `${name} `);
  }
}

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
      const row = readme.split('\n').find((line) => line.includes(`\`${source.variable}\``));
      expect(row).toContain(`\`${name}\``);
      expect(row).toContain('flag' in source ? `\`${source.flag}\`` : '');
    },
  );

  test('names the file of the settings, and its variable', () => {
    expect(readme).toContain(configSource.defaultFile);
    expect(readme).toContain(`\`${configSource.fileVariable}\``);
  });
});

test('every flag of a setting is an option of the commands that ask the service', () => {
  const flags = Object.values(settings).flatMap((source) => ('flag' in source ? source.flag : []));
  const options = withService(new Command()).options.map((option) => option.long);
  expect(options.toSorted()).toEqual([...flags, '--config', '--verbose'].toSorted());
});
