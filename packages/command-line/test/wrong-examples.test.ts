import type { Command } from 'commander';
import { expect, test } from 'vitest';

import { addExamples, createProgram } from '../src/program.ts';
import type { Action } from '../src/program.ts';
import { findWrongExamples } from '../src/testing.ts';

function sampleWith(
  examples: Readonly<Record<string, readonly string[]>>,
): (action: Action<never>) => Command {
  return (action) => {
    const program = createProgram({ name: 'sample', description: 'A sample.', version: '1.2.3' });
    const run = action(() => Promise.reject(new Error('not loaded')));
    program.configureOutput({ writeErr: () => undefined });
    program.command('list').option('--like <text>').action(run);
    program.command('print').argument('<name>').action(run);
    addExamples(program, examples);
    return program;
  };
}

test('examples that run their commands are right, quoted arguments and redirections included', async () => {
  const define = sampleWith({
    list: ['list', 'list --like "a b" > list.txt'],
    print: ['print a | head -1'],
  });
  expect(await findWrongExamples(define)).toEqual([]);
});

test('a command without an example, and one that another runs in, are told', async () => {
  expect(await findWrongExamples(sampleWith({ list: ['print a'] }))).toEqual([
    'list: is not what runs in print a',
    'print: has no examples',
  ]);
});

test('an example that the program does not take is thrown back', async () => {
  const define = sampleWith({ list: ['list --unlike a'], print: ['print a'] });
  await expect(findWrongExamples(define)).rejects.toThrow("unknown option '--unlike'");
});
