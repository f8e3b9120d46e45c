import type { Logger } from 'pino';

import { onDatabase } from '../collect/collect-context.ts';
import { createNap } from '../watch/nap.ts';
import { deliverRound } from './deliver-events.ts';
import type { DeliveryContext, DeliveryReport } from './deliver-events.ts';
import { forgetEvents } from './outbox-queue.ts';

/** Between two looks at an outbox that has nothing due; who stores something here ends the pause. */
const lookEveryMs = 5_000;
const forgetEveryMs = 600_000;
/** What is out when the loop is to stop may still come to its end within this time. */
const stoppingMs = 5_000;

/** A loop that delivers. */
export interface DeliveryLoop {
  /** Something was stored: there may be something to deliver. */
  readonly wake: () => void;
  /**
   * Ends the loop, and waits for it: soon, as what hangs is broken off.
   *
   * @throws {PostgresError} where it had ended before, as the database stayed away.
   */
  readonly stop: () => Promise<void>;
}

/** How a loop is run. */
export interface DeliveryLoopOptions {
  /** How long events are kept that were delivered, or discarded. */
  readonly retentionMs: number;
  /** Told that the loop has failed; `stop` tells why. */
  readonly onFailure: () => void;
}

/** Delivers events as they are written and come due, beside whoever stores, until it is stopped. */
export function startDelivery(
  context: DeliveryContext,
  { retentionMs, onFailure }: DeliveryLoopOptions,
): DeliveryLoop {
  const stopping = new AbortController();
  const breaking = new AbortController();
  const nap = createNap(stopping.signal);
  const work = async (): Promise<void> => {
    let forgotMs = Number.NEGATIVE_INFINITY;
    while (!stopping.signal.aborted) {
      const { delivered, dead } = await deliverRound(context, { signal: breaking.signal });
      if (performance.now() - forgotMs >= forgetEveryMs) {
        await onDatabase(context.run, () => forgetEvents(context.run.db, retentionMs));
        forgotMs = performance.now();
      }
      // What is settled is out of the way of what comes after it.
      if (delivered + dead === 0) {
        await nap.begin(lookEveryMs);
      }
    }
  };
  const working = work();
  void working.catch(onFailure);
  return {
    wake: nap.end,
    stop: async () => {
      stopping.abort();
      const timer = setTimeout(() => {
        breaking.abort();
      }, stoppingMs);
      try {
        await working;
      } finally {
        clearTimeout(timer);
        nap.close();
      }
    },
  };
}

/** One line for each try: what is given up is an error, what is to be tried again a warning. */
export function logDelivery(log: Logger, { outcome, ...report }: DeliveryReport): void {
  switch (outcome) {
    case 'delivered':
      log.info(report, 'event delivered');
      break;
    case 'failed':
      log.warn(report, 'event not delivered');
      break;
    case 'dead':
      log.error(report, 'event given up');
      break;
  }
}
