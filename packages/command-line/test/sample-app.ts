import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

import { CommandError, runCommand, say } from '../src/index.ts';
import type { App, Command } from '../src/index.ts';
import { addExamples, createProgram, runProgram } from '../src/program.ts';

interface SampleConfig {
  readonly graceMs: number;
}

type SampleCommand = Command<SampleConfig, { readonly args: readonly string[] }>;

class EngineError extends Error {}

/** How long the work goes on that a test means to outlast or to kill. */
const ageMs = 600_000;

const app: App<SampleConfig> = {
  name: 'sample',
  config: {
    settings: { graceMs: { flag: '--grace-ms', variable: 'SAMPLE_GRACE_MS' } },
    schema: z.strictObject({
      graceMs: z.string().regex(/^\d+$/, 'must be a whole number').default('0').transform(Number),
    }),
    defaultFile: 'sample.config.json',
    fileVariable: 'SAMPLE_CONFIG',
  },
  classifyError: (error) =>
    error instanceof EngineError
      ? { exitCode: 4, hasLines: true, advice: 'ask who knows' }
      : undefined,
};

const commands: Readonly<Record<string, SampleCommand>> = {
  print: (context, { args }) => {
    context.output.write(`${args.join(' ')}\n`);
    return Promise.resolve(0);
  },
  fallShort: () => Promise.resolve(3),
  refuse: () => Promise.reject(new CommandError('no\nsuch file', { exitCode: 2 })),
  engine: () => Promise.reject(new EngineError('syntax error\n  at ^\u001b[31m')),
  defect: () => Promise.reject(new TypeError('a\nb')),
  // A worker: it is told to stop, finishes what it has at hand, and ends by itself.
  work: async (context) => {
    say(context, 'at work');
    await delay(ageMs, undefined, { signal: context.signal }).catch(() => undefined);
    say(context, 'finishing');
    await delay(context.config.graceMs);
    say(context, 'finished');
    return 0;
  },
  wait: async (context) => {
    say(context, 'waiting');
    await delay(ageMs, undefined, { signal: context.signal });
    return 0;
  },
};

process.exitCode = await runProgram<SampleConfig>({
  define: (action) => {
    const program = createProgram({ name: 'sample', description: 'A sample.', version: '1.2.3' });
    for (const [name, command] of Object.entries(commands)) {
      program
        .command(name)
        .argument('[text...]')
        .option('--grace-ms <n>')
        .option('--verbose')
        .action(action(() => Promise.resolve(command)));
    }
    addExamples(program, { print: ['print a b'] });
    return program;
  },
  run: (call) => runCommand(app, call),
  argv: process.argv,
});
