import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { jaoEventSchema } from '@sluice/schemas/jao';
import type { JaoEvent } from '@sluice/schemas/jao';
import { Webhook } from 'standardwebhooks';

import { listen } from '../source/local-server.ts';

/** What a receiver got. */
export interface ReceivedDelivery {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver on loopback that ends with the test. */
export interface Receiver {
  readonly url: string;
  readonly deliveries: readonly ReceivedDelivery[];
  /** The events, as they came; each is what its contract says. */
  readonly events: () => readonly JaoEvent[];
  /** How it answers from now on. */
  answer: (response: ServerResponse, delivery: ReceivedDelivery) => void;
  /** Waits until what has come is what is looked for. */
  readonly until: (isSo: (events: readonly JaoEvent[]) => boolean) => Promise<void>;
}

/** Takes events, and answers each with 204 unless it is told otherwise. */
export async function startReceiver(): Promise<Receiver> {
  const deliveries: ReceivedDelivery[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      const delivery = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      deliveries.push(delivery);
      for (const look of waiting) {
        look();
      }
      receiver.answer(response, delivery);
    });
  });
  const { origin } = await listen(server);
  const receiver: Receiver = {
    url: `${origin}/hook`,
    deliveries,
    events: () => deliveries.map(({ body }) => jaoEventSchema.parse(JSON.parse(body))),
    answer: (response) => {
      response.writeHead(204).end();
    },
    until: (isSo) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (isSo(receiver.events())) {
            waiting.delete(look);
            resolve();
          }
        };
        waiting.add(look);
        look();
      }),
  };
  return receiver;
}

/** Verifies a delivery as receivers do, by the library of Standard Webhooks; throws where it is not ours. */
export function verifyDelivery({ body, headers }: ReceivedDelivery, secret: string): void {
  new Webhook(secret).verify(body, {
    'webhook-id': String(headers['webhook-id']),
    'webhook-timestamp': String(headers['webhook-timestamp']),
    'webhook-signature': String(headers['webhook-signature']),
  });
}
