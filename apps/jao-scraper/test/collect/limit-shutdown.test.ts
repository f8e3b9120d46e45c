import { StopRequest } from '@sluice/command-line';
import { expect, onTestFinished, test, vi } from 'vitest';

import { limitShutdown } from '../../src/collect/limit-shutdown.ts';
import { fakeContext } from '../fake-context.ts';

function watchExit() {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  onTestFinished(() => {
    exit.mockRestore();
  });
  return exit;
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'a process that %s stopped and whose grace period is over exits with %d',
  async (name, exitCode) => {
    const exit = watchExit();
    const stop = new AbortController();
    const context = fakeContext({ flags: { gracePeriod: '1ms' }, signal: stop.signal });
    onTestFinished(limitShutdown(context));
    stop.abort(new StopRequest(name));
    await expect.poll(() => exit.mock.calls).toEqual([[exitCode]]);
    expect(context.said()).toContain('the grace period is over');
  },
);

test('what has ended by itself is not ended again', () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const exit = watchExit();
  const stop = new AbortController();
  const end = limitShutdown(fakeContext({ signal: stop.signal }));
  stop.abort(new StopRequest('SIGINT'));
  end();
  vi.advanceTimersByTime(3_600_000);
  expect(exit).not.toHaveBeenCalled();
});
