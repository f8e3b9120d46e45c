import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** A message that somebody would have got. */
export interface ReceivedMessage {
  /** The service that it was for: the path of the request. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** What Alertmanager tells a webhook, as far as tests look at it. */
export const webhookMessage = z.object({
  receiver: z.string(),
  status: z.enum(['firing', 'resolved']),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
    }),
  ),
});

/** What Alertmanager tells Slack. */
export const slackMessage = z.object({
  channel: z.string(),
  attachments: z.array(z.object({ title: z.string(), text: z.string() })),
});

/** What Alertmanager tells PagerDuty. */
export const pagerDutyEvent = z.object({
  routing_key: z.string(),
  event_action: z.enum(['trigger', 'resolve']),
  dedup_key: z.string(),
  payload: z.object({
    severity: z.string(),
    custom_details: z.object({ what: z.string() }),
  }),
});

/** Stands in for every service that Alertmanager tells: takes whatever comes, and keeps it. */
export interface WebhookReceiver {
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  readonly messages: readonly ReceivedMessage[];
  readonly close: () => Promise<void>;
}

/** Starts a receiver on any free port of loopback. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const messages: ReceivedMessage[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      messages.push({
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body: JSON.parse(body),
      });
      // PagerDuty accepts with this one, and the others are content with any of 2xx.
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"success"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    messages,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
