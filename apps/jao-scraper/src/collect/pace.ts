import { takeToken } from '@sluice/warehouse/postgres';
import { setTimeout as delay } from 'node:timers/promises';

import { onDatabase } from './collect-context.ts';
import type { CollectContext } from './collect-context.ts';

/** No wait is longer than this, so that a pause that ends early is noticed. */
const longestNapMs = 5_000;

/**
 * Waits for a token of the pace that all processes share.
 *
 * @throws the signal's reason, when it is aborted.
 */
export async function takeTurn(context: CollectContext): Promise<void> {
  let countedMs = performance.now();
  for (;;) {
    context.signal.throwIfAborted();
    let askedMs = 0;
    const taken = await onDatabase(context, () => {
      askedMs = performance.now();
      return takeToken(context.db, context.source.origin, {
        perMinute: context.requestsPerMinute,
        reserve: context.reservedTokens,
      });
    });
    const nowMs = performance.now();
    context.metrics.throttleWaitSeconds.inc((nowMs - countedMs) / 1000);
    countedMs = nowMs;
    if (taken.isGranted) {
      context.pause.noteLeave(askedMs);
      return;
    }
    if (taken.pause !== undefined) {
      context.pause.notePause(taken.pause);
    }
    await delay(Math.min(taken.waitMs, longestNapMs), undefined, { signal: context.signal });
  }
}
