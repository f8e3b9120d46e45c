import { commandsBelow } from '@sluice/command-line/testing';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { defineProgram } from '../src/cli.ts';
import { settingNames, settingSource } from '../src/config.ts';

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

  test.each(settingNames)('names the setting %s, its flag and its variable', (name) => {
    const { flag, variable } = settingSource(name);
    const row = readme.split('\n').find((line) => line.includes(`\`${variable}\``));
    expect(row).toContain(flag ?? variable);
    expect(row).toContain(`\`${name}\``);
  });
});
