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
  const beganMs = performance.now();
  for (;;) {
    context.signal.throwIfAborted();
    const taken = await onDatabase(context, () =>
      takeToken(context.db, context.source.origin, {
        perMinute: context.requestsPerMinute,
        reserve: context.reservedTokens,
      }),
    );
    if (taken.isGranted) {
      context.metrics.throttleWaitSeconds.inc((performance.now() - beganMs) / 1000);
      return;
    }
    await delay(Math.min(taken.waitMs, longestNapMs), undefined, { signal: context.signal });
  }
}
