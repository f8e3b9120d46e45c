import { commandsBelow, examplesIn, helpOf } from '@sluice/command-line/testing';
import { expect, test } from 'vitest';

import { defineProgram } from '../../src/cli.ts';

const commands = [...commandsBelow(defineProgram(() => () => Promise.resolve()))];

test.each(commands)('the help of %s has examples that the program takes', async (name, command) => {
  const examples = examplesIn(helpOf(command), 'votes-ingest');
  expect(examples).not.toEqual([]);
  for (const args of examples) {
    let calls = 0;
    const program = defineProgram(() => () => {
      calls += 1;
      return Promise.resolve();
    });
    await program.parseAsync(['node', 'votes-ingest', ...args]);
    expect([calls, `${args.join(' ')} `]).toEqual([1, expect.stringMatching(`^${name} `)]);
  }
});
