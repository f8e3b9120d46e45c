import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { parseConfig, UsageError } from '../src/config.ts';
import { run } from '../src/run.ts';
import { simulate } from './simulate.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const window = 'FromUtc=2026-04-19T22:00:00.000Z&ToUtc=2026-04-20T22:00:00.000Z';

function startProcess(...argv: string[]) {
  const child = spawn(process.execPath, ['--conditions=@sluice/source', main, ...argv]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function runProgram(...argv: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await run({ argv, stdout, stderr, signal: AbortSignal.abort(0) });
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'the program prints its URL first, serves, and ends on %s with open connections',
  async (signal) => {
    const child = startProcess('--now', '2026-11-20T12:00:00Z');
    const ended = once(child, 'exit');
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await fetch(`${url}/core/api/data/maxExchanges?${window}`);
    expect(response.status).toBe(200);
    await fetch(`${url}/_control/fault`, { method: 'POST', body: '{"kind":"hang"}' });
    const hanging = fetch(`${url}/core/api/data/maxExchanges?${window}`).catch(
      (error: unknown) => error,
    );
    child.kill(signal);
    expect(await ended).toEqual([signal === 'SIGTERM' ? 143 : 130, null]);
    await hanging;
  },
);

test('datasets are built ahead before the URL is printed', async () => {
  const { code, out } = await runProgram(
    '--now',
    '2022-06-20T12:00:00Z',
    '--precompute',
    'core/maxExchanges',
  );
  expect(code).toBe(0);
  expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/);
});

test('help has examples and every flag, and is no failure', async () => {
  const { code, out } = await runProgram('--help');
  expect(code).toBe(0);
  expect(out).toContain('Examples:');
});

test('a reader of the help who leaves early ends the process quietly', async () => {
  const child = startProcess('--help');
  const errors = text(child.stderr);
  child.stdout.destroy();
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(await errors).toBe('');
});

test('every mistake of a command line is named in one go', async () => {
  const { code, out, err } = await runProgram(
    ...['--port', 'x', '--now', 'yesterday', '--fault-rate', '120%', '--fault-kinds', 'none'],
    ...['--precompute', 'core/none'],
  );
  expect(code).toBe(2);
  expect(out).toBe('');
  for (const flag of ['--port', '--now', '--fault-rate', '--fault-kinds', '--precompute']) {
    expect(err).toContain(`jao-simulator: ${flag}: expected`);
  }
});

test('an unknown flag is wrong usage', async () => {
  expect((await runProgram('--nothing')).code).toBe(2);
});

test('a port that is taken is said in one line', async () => {
  const { url } = await simulate();
  const { code, err } = await runProgram('--port', new URL(url).port);
  expect(code).toBe(1);
  expect(err).toMatch(/^jao-simulator: listen EADDRINUSE.*\n$/);
});

const defaults = {
  port: '0',
  seed: '1',
  jitterMinutes: '10',
  revisionRate: '0',
  faultRate: '0',
  maxWindowHours: '48',
};

test('flags become options', () => {
  const { simulator, clockSpeed } = parseConfig({
    ...defaults,
    now: '2026-11-20T12:00:00Z',
    clockSpeed: '2.5',
    revisionRate: '2%',
    faultRate: '0.2',
    faultKinds: 'slow,http_503',
    rateLimit: '100',
    retryAfter: 'date',
    conditional: true,
    lastModified: true,
  });
  expect(clockSpeed).toBe(2.5);
  expect(simulator).toMatchObject({
    nowMs: Date.parse('2026-11-20T12:00:00Z'),
    revisionRate: 0.02,
    randomFaults: { rate: 0.2, kinds: ['hang', 'headers_then_nothing', 'drip', 'http_503'] },
    rateLimit: { requestsPerMinute: 100, retryAfter: 'date' },
    answersConditionally: true,
    datesAnswers: true,
  });
});

test('a form of Retry-After without a limit is a mistake', () => {
  expect(() => parseConfig({ ...defaults, retryAfter: 'date' })).toThrow(UsageError);
});
