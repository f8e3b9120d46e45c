import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { runSample, SampleProcess } from './sample-process.ts';

describe('a command', () => {
  test('gets its arguments, prints to standard output, and its exit code is that of the process', async () => {
    expect(await runSample(['print', 'a', 'b'])).toEqual({
      exitCode: 0,
      signal: null,
      stdout: 'a b\n',
      stderr: '',
    });
    expect(await runSample(['fallShort'])).toMatchObject({ exitCode: 3, stderr: '' });
  });

  test('does not begin where the configuration is wrong', async () => {
    const environment = { SAMPLE_GRACE_MS: 'soon' };
    expect(await runSample(['print', 'a'], { environment })).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'sample: read configuration: SAMPLE_GRACE_MS: must be a whole number\n',
    });
  });
});

describe('an error', () => {
  test.each([
    { command: 'refuse', exitCode: 2, says: 'no\\nsuch file' },
    { command: 'engine', exitCode: 4, says: 'syntax error\n  at ^\\u001b[31m; ask who knows' },
    {
      command: 'defect',
      exitCode: 1,
      says: 'unexpected error, please report it: a\\nb (--verbose shows where)',
    },
  ])('of $command ends with $exitCode, without a stack', async ({ command, exitCode, says }) => {
    expect(await runSample([command])).toMatchObject({
      exitCode,
      stdout: '',
      stderr: `sample: ${says}\n`,
    });
  });

  test.each(['refuse', 'engine', 'defect'])('of %s has its stack with --verbose', async (name) => {
    const { stderr } = await runSample([name, '--verbose']);
    expect(stderr).toMatch(/\n {4}at .*sample-app\.ts/);
    expect(stderr).not.toContain('--verbose shows where');
  });
});

describe('a signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s lets a worker finish in its own time, and then gives %d', async (name, code) => {
    const worker = new SampleProcess(['work', '--grace-ms', '400']);
    await worker.hasSaid('at work');
    worker.child.kill(name);
    expect(await worker.ended).toEqual({
      exitCode: code,
      signal: null,
      stdout: '',
      stderr: 'sample: at work\nsample: finishing\nsample: finished\n',
    });
  });

  test('names itself where the command threw because of it', async () => {
    const waiter = new SampleProcess(['wait']);
    await waiter.hasSaid('waiting');
    waiter.child.kill('SIGTERM');
    expect(await waiter.ended).toMatchObject({
      exitCode: 143,
      stderr: 'sample: waiting\nsample: stopped by SIGTERM\n',
    });
  });

  test('that comes twice at once is one', async () => {
    const worker = new SampleProcess(['work', '--grace-ms', '400']);
    await worker.hasSaid('at work');
    worker.child.kill('SIGTERM');
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ exitCode: 143 });
  });

  test('that comes again ends the process, with 1', async () => {
    const worker = new SampleProcess(['work', '--grace-ms', '600000']);
    await worker.hasSaid('at work');
    worker.child.kill('SIGTERM');
    await worker.hasSaid('finishing');
    // Signals that come close together are one; nothing tells when that time is over but time.
    const again = setInterval(() => worker.child.kill('SIGINT'), 20);
    const ended = await worker.ended;
    clearInterval(again);
    expect(ended).toMatchObject({ exitCode: 1, signal: null });
    expect(ended.stderr).not.toContain('finished');
  });
});

test.runIf(existsSync('/dev/full'))(
  'a result that can not be written ends with 3, in one line',
  async () => {
    const full = await open('/dev/full', 'w');
    const ended = await runSample(['print', 'a'], { stdout: full.fd });
    await full.close();
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toMatch(
      /^sample: write the result: .*; what the command did stays done\n$/,
    );
  },
);

test('a reader that has left is no failure', async () => {
  const sample = new SampleProcess(['print', 'a']);
  sample.child.stdout?.destroy();
  expect(await sample.ended).toMatchObject({ exitCode: 0, stderr: '' });
});
