import type { DeliveryFailure } from '@sluice/schemas/jao';
import { createHmac } from 'node:crypto';

import { createClient } from '../source/client.ts';
import { parseRetryAfter } from '../source/retry-after.ts';
import { sendRequest } from '../source/send-request.ts';
import type { HttpResponse } from '../source/send-request.ts';
import type { FailedOutcome } from '../source/source-answer.ts';
import { bodyOfEvent } from './outbox-event.ts';
import type { OutboxEvent } from './outbox-event.ts';

/** What a receiver says besides its status is of no use. */
const maxResponseBytes = 65_536;

/** What became of one try. */
export type DeliveryAnswer =
  | { readonly kind: 'delivered'; readonly status: number; readonly durationMs: number }
  | {
      readonly kind: 'failed';
      readonly reason: DeliveryFailure;
      readonly status: number | undefined;
      readonly durationMs: number;
      /** What the receiver asks to be left alone for, at most a quarter of an hour. */
      readonly retryAfterMs: number | undefined;
      /** Whether the receiver wants it no more, ever. */
      readonly isFinal: boolean;
    }
  | { readonly kind: 'cancelled' };

/** Where events go. */
export interface WebhookOptions {
  /** Http or https; nothing else is asked, and no redirect is followed. */
  readonly url: URL;
  /** Each signs every event. */
  readonly secrets: readonly Buffer[];
  /** For all of a delivery, from the connection to the answer. */
  readonly timeoutMs: number;
  readonly userAgent: string;
}

/** A receiver of events. */
export interface Webhook {
  /** Scheme, host and port: what of its URL may be told. */
  readonly origin: string;
  /** Sends an event once. Whatever the network or the receiver does is an answer. */
  readonly deliver: (event: OutboxEvent, signal: AbortSignal) => Promise<DeliveryAnswer>;
  /** Closes the connections. */
  readonly close: () => void;
}

/** A webhook as Standard Webhooks describes it, for CloudEvents as JSON. */
export function createWebhook(options: WebhookOptions): Webhook {
  const { timeoutMs } = options;
  const timeouts = { connectMs: timeoutMs, headersMs: timeoutMs, responseMs: timeoutMs };
  const client = createClient({
    origin: options.url.origin,
    timeouts,
    userAgent: options.userAgent,
  });
  return {
    origin: client.origin,
    deliver: async (event, signal) => {
      const body = bodyOfEvent(event);
      const response = await sendRequest({
        client: client.got,
        url: options.url,
        headers: {
          accept: '*/*',
          'content-type': 'application/cloudevents+json; charset=utf-8',
          ...signatureHeaders(event.id, { body, secrets: options.secrets, nowMs: Date.now() }),
        },
        body,
        timeouts,
        maxWireBytes: maxResponseBytes,
        signal,
      });
      return judgeDelivery(response, Date.now());
    },
    close: () => {
      client.close();
    },
  };
}

/** What a delivery is signed by: its id, the moment in seconds, and the body, by each of the secrets. */
export function signatureHeaders(
  id: string,
  {
    body,
    secrets,
    nowMs,
  }: { readonly body: string; readonly secrets: readonly Buffer[]; readonly nowMs: number },
): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

/** The status counts also where the body behind it is too long, or does not end. */
function judgeDelivery({ head, failure, durationMs }: HttpResponse, nowMs: number): DeliveryAnswer {
  if (head === undefined) {
    return failure?.outcome === 'cancelled'
      ? { kind: 'cancelled' }
      : { ...failed, durationMs, reason: reasonOf(failure?.outcome ?? 'reset') };
  }
  const { status, headers } = head;
  if (status >= 200 && status < 300) {
    return { kind: 'delivered', status, durationMs };
  }
  const retryAfter = { retryAfter: headers['retry-after'], date: headers.date };
  return {
    ...failed,
    reason: reasonOfStatus(status),
    status,
    durationMs,
    retryAfterMs: status >= 400 ? parseRetryAfter(retryAfter, { nowMs }) : undefined,
    isFinal: status === 410,
  };
}

const failed = {
  kind: 'failed',
  status: undefined,
  retryAfterMs: undefined,
  isFinal: false,
} as const;

function reasonOfStatus(status: number): DeliveryFailure {
  if (status === 410) {
    return 'http_410';
  }
  if (status === 429) {
    return 'http_429';
  }
  return status >= 500 ? 'http_5xx' : status >= 400 ? 'http_4xx' : 'http_3xx';
}

function reasonOf(outcome: FailedOutcome): DeliveryFailure {
  switch (outcome) {
    case 'dns':
    case 'connect':
    case 'tls':
    case 'reset':
      return outcome;
    case 'truncated':
      return 'reset';
    case 'connect_timeout':
    case 'headers_timeout':
    case 'total_timeout':
      return 'timeout';
    default:
      return 'not_http';
  }
}
