import type { DeliveryFailure, JaoEventType, OutboxDeliveryReport } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';
import { letGo, onDatabase } from '../collect/collect-context.ts';
import type { RunContext } from '../collect/collect-context.ts';
import { retryDelayMs } from '../source/retry.ts';
import { userAgentOf } from '../source/user-agent.ts';
import { claimEvents, releaseEvent, settleDelivered, settleFailed } from './outbox-queue.ts';
import type { ClaimedEvent } from './outbox-queue.ts';
import { createWebhook } from './webhook.ts';
import type { DeliveryAnswer, Webhook } from './webhook.ts';
import { readWebhookSecrets } from './webhook-secrets.ts';

/** Events that are out at once, each of another dataset. */
const maxConcurrency = 8;
/** No pause is longer before an event is sent again. */
const longestPauseMs = 3_600_000;
/** Behind the deadline of a delivery, what the database may take to note what became of it. */
const settleMs = 60_000;

/** One try that has ended, for logs. */
export interface DeliveryReport {
  readonly outcome: 'delivered' | 'failed' | 'dead';
  readonly eventId: number;
  readonly id: string;
  readonly type: JaoEventType;
  readonly dataset: string;
  readonly businessDay: string;
  /** This one included. */
  readonly tries: number;
  /** Of the receiver's answer; undefined where none came. */
  readonly status: number | undefined;
  /** Undefined where it was delivered. */
  readonly reason: DeliveryFailure | undefined;
  /** Whole milliseconds, rounded up. */
  readonly durationMs: number;
  /** Undefined where it is not tried again. */
  readonly retryInMs: number | undefined;
}

/** What delivering needs. */
export interface DeliveryContext {
  readonly run: RunContext;
  readonly webhook: Webhook;
  /** Deadline for one delivery. */
  readonly timeoutMs: number;
  /** How often an event is sent before it is given up. */
  readonly maxTries: number;
  /** Bound of the first pause between two tries; it doubles with each, up to an hour. */
  readonly pauseMs: number;
  readonly onDelivery: (report: DeliveryReport) => void;
}

/**
 * The webhook that is configured; undefined where none is.
 *
 * @throws {CommandError} wrong configuration: no secret to sign with.
 */
export async function openWebhook({
  config,
}: Pick<CommandContext, 'config'>): Promise<Webhook | undefined> {
  if (config.webhookUrl === undefined) {
    return undefined;
  }
  return createWebhook({
    url: new URL(config.webhookUrl),
    secrets: await readWebhookSecrets(config),
    timeoutMs: config.webhookTimeout,
    userAgent: userAgentOf(config.userAgentContact),
  });
}

/**
 * Takes events that are to be sent, of each dataset the oldest, sends each once, and notes what became
 * of it; gives how many that were, 0 where there was none. An event whose process dies in between is
 * sent again, by whomever, with the same id. What is sent when `signal` is aborted goes back untried.
 *
 * @throws {PostgresError} where the database stays away.
 */
export async function deliverRound(
  context: DeliveryContext,
  { signal, untriedSince }: { readonly signal: AbortSignal; readonly untriedSince?: Date },
): Promise<OutboxDeliveryReport> {
  const { run, timeoutMs } = context;
  const claimed = await onDatabase(run, () =>
    claimEvents(run.db, {
      limit: maxConcurrency,
      leaseMs: timeoutMs + settleMs,
      untriedSince,
    }),
  );
  const outcomes = await Promise.all(claimed.map((event) => deliverOne(context, event, signal)));
  const count = (outcome: DeliveryReport['outcome']) =>
    outcomes.filter((each) => each === outcome).length;
  return { delivered: count('delivered'), failed: count('failed'), dead: count('dead') };
}

async function deliverOne(
  context: DeliveryContext,
  event: ClaimedEvent,
  signal: AbortSignal,
): Promise<DeliveryReport['outcome'] | 'cancelled'> {
  const { run, webhook } = context;
  const answer = await webhook.deliver(event, signal);
  if (answer.kind === 'cancelled') {
    await letGo(run, 'an event', () => releaseEvent(run.db, event));
    return 'cancelled';
  }
  const report = reportOf(context, event, answer);
  await onDatabase(run, () =>
    answer.kind === 'delivered'
      ? settleDelivered(run.db, event, answer.status)
      : settleFailed(run.db, event, { ...answer, retryInMs: report.retryInMs }),
  );
  context.onDelivery(report);
  return report.outcome;
}

function reportOf(
  { maxTries, pauseMs }: DeliveryContext,
  { eventId, id, type, dataset, businessDay, tries }: ClaimedEvent,
  answer: Exclude<DeliveryAnswer, { readonly kind: 'cancelled' }>,
): DeliveryReport {
  const { status } = answer;
  const durationMs = Math.ceil(answer.durationMs);
  const event = { eventId, id, type, dataset, businessDay, tries, status, durationMs };
  if (answer.kind === 'delivered') {
    return { outcome: 'delivered', ...event, reason: undefined, retryInMs: undefined };
  }
  const { reason, isFinal, retryAfterMs } = answer;
  return isFinal || tries >= maxTries
    ? { outcome: 'dead', ...event, reason, retryInMs: undefined }
    : {
        outcome: 'failed',
        ...event,
        reason,
        retryInMs: retryDelayMs({
          try: tries,
          retryAfterMs,
          baseMs: pauseMs,
          capMs: longestPauseMs,
          random: Math.random,
        }),
      };
}
