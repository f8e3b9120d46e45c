import type { Logger } from 'pino';

import type { CommandContext } from '../command-context.ts';
import { onDatabase } from '../collect/collect-context.ts';
import type { RunContext } from '../collect/collect-context.ts';
import { deliverRound } from '../outbox/deliver-events.ts';
import type { DeliveryContext } from '../outbox/deliver-events.ts';
import { logDelivery, startDelivery } from '../outbox/delivery-loop.ts';
import { switchOutboxOn } from '../outbox/outbox-switch.ts';
import type { Webhook } from '../outbox/webhook.ts';

/** Events on their way, beside the days that are watched. */
export interface WatchedDelivery {
  /** A day was stored, or touched: there may be something to deliver. */
  readonly wake: () => void;
  /** Delivers what is due now, of a watch that ends by itself. */
  readonly finish: () => Promise<void>;
  /** That of the run, and aborted too where delivering has failed: then `stop` tells why. */
  readonly signal: AbortSignal;
  /** @throws {PostgresError} where it had failed, as the database stayed away. */
  readonly stop: () => Promise<void>;
}

/**
 * Has events written in this database from now on, and delivers them; does nothing where there is no
 * webhook.
 */
export async function beginDelivery(
  { config }: CommandContext,
  {
    run,
    log,
    webhook,
    isOnce,
  }: {
    readonly run: RunContext;
    readonly log: Logger;
    readonly webhook: Webhook | undefined;
    readonly isOnce: boolean;
  },
): Promise<WatchedDelivery> {
  const failing = new AbortController();
  const idle = {
    wake: () => undefined,
    finish: () => Promise.resolve(),
    signal: AbortSignal.any([run.signal, failing.signal]),
    stop: () => Promise.resolve(),
  };
  if (webhook === undefined) {
    return idle;
  }
  const isNew = await onDatabase(run, () => switchOutboxOn(run.db));
  log.info({ webhook: webhook.origin, isNew }, 'events are written, and delivered');
  const delivering: DeliveryContext = {
    run,
    webhook,
    timeoutMs: config.webhookTimeout,
    maxTries: config.webhookTries,
    pauseMs: config.webhookPause,
    onDelivery: (report) => {
      logDelivery(log, report);
    },
  };
  if (isOnce) {
    return { ...idle, finish: () => deliverDue(delivering) };
  }
  const loop = startDelivery(delivering, {
    retentionMs: config.eventRetention,
    onFailure: () => {
      failing.abort();
    },
  });
  return { ...idle, wake: loop.wake, stop: loop.stop };
}

async function deliverDue(delivering: DeliveryContext): Promise<void> {
  const { signal } = delivering.run;
  for (;;) {
    const { delivered, dead } = await deliverRound(delivering, { signal });
    if (signal.aborted || delivered + dead === 0) {
      return;
    }
  }
}
