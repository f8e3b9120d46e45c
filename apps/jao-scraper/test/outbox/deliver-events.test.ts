import { exitCodes } from '@sluice/schemas';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { switchOutboxOn } from '../../src/outbox/outbox-switch.ts';
import { outboxDeliverCommand } from '../../src/outbox/deliver-command.ts';
import { claimEvents, forgetEvents, settleFailed } from '../../src/outbox/outbox-queue.ts';
import { findClosedPort, startHttpServer, startRawServer } from '../source/local-server.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedStore } from '../store/use-store.ts';
import {
  countersOf,
  deliver,
  deliveryContext,
  expectSilent,
  otherSecret,
  statesOf,
  webhookSecret,
  writeRevision,
} from './deliveries.ts';
import type { DeliverySettings } from './deliveries.ts';
import { startReceiver, verifyDelivery } from './receiver.ts';
import type { Receiver } from './receiver.ts';

let database: TestDatabase;
let owner: PostgresDatabase;
let store: TestStore;
let receiver: Receiver;

beforeEach(async () => {
  ({ database, owner, store } = await openOwnedStore());
  await switchOutboxOn(store.db);
  receiver = await startReceiver();
});

const run = (settings: DeliverySettings = {}) =>
  deliver(deliveryContext(database, receiver.url, settings));

test('a receiver gets each event once, as CloudEvents, signed so that the library verifies it', async () => {
  await writeRevision(store.db);
  await writeRevision(store.db, { dataset: 'core/maxNetPos', day: '2026-01-21' });
  expect(await run()).toEqual({ exit: exitCodes.done, delivered: 2, failed: 0, dead: 0 });
  expect(await run()).toEqual({ exit: exitCodes.done, delivered: 0, failed: 0, dead: 0 });
  expect(receiver.deliveries).toHaveLength(2);
  for (const delivery of receiver.deliveries) {
    const { method, path, headers } = delivery;
    expect([method, path]).toEqual(['POST', '/hook']);
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(headers['user-agent']).toMatch(/^sluice-jao-scraper\//);
    verifyDelivery(delivery, webhookSecret);
    expect(() => {
      verifyDelivery(delivery, otherSecret);
    }).toThrow('No matching signature found');
    expect(() => {
      verifyDelivery({ ...delivery, body: `${delivery.body} ` }, webhookSecret);
    }).toThrow('No matching signature found');
  }
  const event = receiver.events().find(({ subject }) => subject.startsWith('core/maxExchanges'));
  expect(event).toMatchObject({
    type: 'sluice.jao.revision',
    subject: 'core/maxExchanges/2026-01-20',
    time: '2026-01-21T00:00:00.000Z',
    data: { region: 'core', dataset: 'maxExchanges', businessDay: '2026-01-20', revised: 1 },
  });
  expect(receiver.deliveries.map(({ headers }) => headers['webhook-id']).toSorted()).toEqual(
    receiver
      .events()
      .map(({ id }) => id)
      .toSorted(),
  );
  expect(await countersOf(owner, 'sluice_outbox_delivered_total', 'type')).toEqual({ revision: 2 });
});

test('of a dataset they come in their order, and none before one that waits', async () => {
  const numbers = [await writeRevision(store.db), await writeRevision(store.db)];
  await writeRevision(store.db, { dataset: 'core/maxNetPos' });
  let isDown = true;
  receiver.answer = (response, { body }) => {
    response.writeHead(isDown && body.includes('maxExchanges') ? 503 : 200).end();
  };
  expect(await run()).toEqual({ exit: exitCodes.fellShort, delivered: 1, failed: 1, dead: 0 });
  isDown = false;
  expect(await run()).toEqual({ exit: exitCodes.done, delivered: 2, failed: 0, dead: 0 });
  const told = receiver.events().filter(({ data }) => data.dataset === 'maxExchanges');
  expect(told.map(({ sequence }) => Number(sequence))).toEqual([numbers[0], ...numbers]);
  expect(await statesOf(store.db)).toEqual([
    { state: 'delivered', tries: 2, status: 200, failure: null },
    { state: 'delivered', tries: 1, status: 200, failure: null },
    { state: 'delivered', tries: 1, status: 200, failure: null },
  ]);
});

describe('what a receiver answers', () => {
  const answers: readonly (readonly [string, (response: ServerResponse) => void, string])[] = [
    ['a 500', (response) => response.writeHead(500).end('no'), 'http_5xx'],
    ['a 429', (response) => response.writeHead(429, { 'retry-after': '7' }).end(), 'http_429'],
    ['a 404', (response) => response.writeHead(404).end(), 'http_4xx'],
    ['nothing', () => undefined, 'timeout'],
    ['a head that does not come', (response) => response.socket?.destroy(), 'reset'],
  ];

  test.each(answers)(
    '%s is tried again later, with growing pauses',
    async (_name, answer, failure) => {
      await writeRevision(store.db);
      receiver.answer = answer;
      expect(await run({ webhookTimeout: 500 })).toEqual({
        exit: exitCodes.fellShort,
        delivered: 0,
        failed: 1,
        dead: 0,
      });
      const [state] = await statesOf(store.db);
      expect(state).toMatchObject({ state: 'pending', tries: 1, failure });
      expect(await countersOf(owner, 'sluice_outbox_failures_total', 'reason')).toEqual({
        [failure]: 1,
      });
      receiver.answer = (response) => response.end('thanks');
      expect(await run()).toMatchObject({ delivered: 1 });
      const ids = receiver.deliveries.map(({ headers }) => headers['webhook-id']);
      expect(ids[0]).toBe(ids[1]);
      expect(receiver.deliveries[0]?.body).toBe(receiver.deliveries[1]?.body);
    },
  );

  test('a 410 means that it wants it no more: it is dead at once, and told', async () => {
    const number = await writeRevision(store.db);
    receiver.answer = (response) => response.writeHead(410).end();
    const context = deliveryContext(database, receiver.url);
    expect(await deliver(context)).toMatchObject({ exit: exitCodes.fellShort, dead: 1 });
    expect(context.said()).toContain(`event ${number} dead: http_410 (HTTP 410)`);
    expect(await statesOf(store.db)).toMatchObject([{ state: 'dead', tries: 1, status: 410 }]);
  });

  test('a redirect is not followed, wherever it leads', async () => {
    const other = await startHttpServer((_request, response) => response.end());
    await writeRevision(store.db);
    for (const location of [`${other.origin}/`, '/elsewhere']) {
      receiver.answer = (response) => response.writeHead(307, { location }).end();
      await run();
    }
    expect(await statesOf(store.db)).toMatchObject([
      { state: 'pending', tries: 2, failure: 'http_3xx', status: 307 },
    ]);
    expect(other.requests).toEqual([]);
    expect(receiver.deliveries.map(({ path }) => path)).toEqual(['/hook', '/hook']);
  });

  test('a success counts by its head, however long what follows is, or where it ends', async () => {
    await writeRevision(store.db);
    receiver.answer = (response) => {
      response.writeHead(200);
      const flood = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        response.once('drain', flood);
      };
      flood();
    };
    expect(await run()).toMatchObject({ exit: exitCodes.done, delivered: 1 });
    await writeRevision(store.db);
    receiver.answer = (response) => {
      response.writeHead(200).write('and then');
    };
    expect(await run({ webhookTimeout: 500 })).toMatchObject({
      exit: exitCodes.done,
      delivered: 1,
    });
  });

  test('what is no HTTP, and where nobody listens, is tried again', async () => {
    await writeRevision(store.db);
    const raw = await startRawServer((socket) => socket.end('no HTTP\r\n\r\n'));
    await deliver(deliveryContext(database, `${raw.origin}/`));
    expect(await statesOf(store.db)).toMatchObject([{ tries: 1, failure: 'not_http' }]);
    await deliver(deliveryContext(database, `http://127.0.0.1:${await findClosedPort()}/`));
    expect(await statesOf(store.db)).toMatchObject([{ tries: 2, failure: 'connect' }]);
  });
});

test('what was sent as often as it may be is dead, and no more in the way of what follows', async () => {
  await writeRevision(store.db);
  await writeRevision(store.db);
  let count = 0;
  receiver.answer = (response) => response.writeHead(++count <= 3 ? 500 : 200).end();
  const tries = { webhookTries: 3 };
  expect(await run(tries)).toMatchObject({ failed: 1, dead: 0 });
  expect(await run(tries)).toMatchObject({ failed: 1, dead: 0 });
  expect(await run(tries)).toEqual({ exit: exitCodes.fellShort, delivered: 1, failed: 0, dead: 1 });
  expect(await statesOf(store.db)).toMatchObject([
    { state: 'dead', tries: 3 },
    { state: 'delivered' },
  ]);
});

test('a pause is drawn up to a bound that doubles with each try, and after what the receiver asks for', async () => {
  await writeRevision(store.db);
  const waitOf = async (): Promise<number> => {
    const { seconds } = await owner.row(
      z.object({ seconds: z.number() }),
      `select extract(epoch from next_try_at - last_tried_at)::float8 as seconds from ops.outbox`,
    );
    return seconds;
  };
  receiver.answer = (response) => response.writeHead(503, { 'retry-after': '600' }).end();
  await run({ webhookPause: 0 });
  expect(await waitOf()).toBeGreaterThanOrEqual(600);
  receiver.answer = (response) => response.writeHead(503).end();
  await owner.run('update ops.outbox set tries = 9');
  const waits = [];
  for (let time = 0; time < 5; time++) {
    await run({ webhookPause: 1_000 });
    waits.push(await waitOf());
  }
  // 512 s and more, so that five of them are no seconds but by a wonder; never above the cap of an hour.
  expect(Math.max(...waits)).toBeGreaterThan(5);
  expect(Math.max(...waits)).toBeLessThan(3_700);
});

describe('of several who deliver', () => {
  test('each event goes to one of them, and of a dataset none before the one that is out', async () => {
    for (const dataset of ['core/maxExchanges', 'core/maxNetPos']) {
      await writeRevision(store.db, { dataset });
      await writeRevision(store.db, { dataset });
    }
    const options = { limit: 8, leaseMs: 60_000 };
    const claimed = await Promise.all(
      Array.from({ length: 4 }, () => claimEvents(store.db, options)),
    );
    const numbers = claimed.flat().map(({ eventId }) => eventId);
    expect(numbers).toHaveLength(2);
    expect(new Set(claimed.flat().map(({ dataset }) => dataset)).size).toBe(2);
    expect(await claimEvents(store.db, options)).toEqual([]);
  });

  test('one whose lease has run out is overtaken, and what it says of a failure does not count', async () => {
    await writeRevision(store.db);
    const [lost] = await claimEvents(store.db, { limit: 1, leaseMs: 0 });
    const [taken] = await claimEvents(store.db, { limit: 1, leaseMs: 60_000 });
    expect(taken).toEqual({ ...lost, token: (lost?.token ?? 0) + 1, tries: 2 });
    if (lost !== undefined) {
      await settleFailed(store.db, lost, {
        reason: 'reset',
        status: undefined,
        retryInMs: undefined,
      });
    }
    expect(await statesOf(store.db)).toMatchObject([{ state: 'pending', failure: null }]);
    expect(await countersOf(owner, 'sluice_outbox_failures_total', 'reason')).toEqual({});
  });

  test('two that run at once deliver everything, each event once', async () => {
    for (let time = 0; time < 20; time++) {
      await writeRevision(store.db, {
        dataset: time % 2 === 0 ? 'core/maxExchanges' : 'core/maxNetPos',
      });
    }
    const reports = [];
    do {
      reports.push(...(await Promise.all([run(), run(), run()])));
    } while ((await statesOf(store.db)).some(({ state }) => state === 'pending'));
    expect(reports.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(20);
    expect(new Set(receiver.events().map(({ id }) => id)).size).toBe(20);
    expect(receiver.deliveries).toHaveLength(20);
  });
});

describe('the secret', () => {
  test('may be two while it changes: either verifies', async () => {
    await writeRevision(store.db);
    await run({ webhookSecret: `${otherSecret}\n${webhookSecret}` });
    for (const secret of [webhookSecret, otherSecret]) {
      for (const delivery of receiver.deliveries) {
        verifyDelivery(delivery, secret);
      }
    }
  });

  test('may be in a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-webhook-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'secret');
    await writeFile(path, `${webhookSecret}\n`);
    await writeRevision(store.db);
    const context = deliveryContext(database, receiver.url, { webhookSecretFile: path });
    const { webhookSecret: left, ...config } = context.config;
    expect(left).toBe(webhookSecret);
    expect(await deliver({ ...context, config })).toMatchObject({ delivered: 1 });
    receiver.deliveries.forEach((delivery) => {
      verifyDelivery(delivery, webhookSecret);
    });
  });

  test.each([
    ['CANARY', 'JAO_WEBHOOK_SECRET: must be whsec_'],
    ['whsec_CANARYshort', 'JAO_WEBHOOK_SECRET: must be whsec_'],
    [`whsec_${'CANARY!!'.repeat(6)}`, 'JAO_WEBHOOK_SECRET: must be whsec_'],
    [`${webhookSecret} ${webhookSecret} ${otherSecret}`, 'JAO_WEBHOOK_SECRET: must be whsec_'],
  ])('is refused where it is none, and not shown: %s', async (secret, message) => {
    const context = deliveryContext(database, receiver.url, { webhookSecret: secret });
    const failure: unknown = await outboxDeliverCommand(context, { format: 'json' }).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).toContain(message);
    expect(String(failure)).not.toContain('CANARY');
    expect(failure).toMatchObject({ exitCode: exitCodes.usage });
  });

  test.each([
    [{ webhookSecret: undefined }, 'what goes to the webhook is signed: give a secret'],
    [{ webhookSecretFile: '/nonexistent/file' }, 'choose one of them'],
    [
      { webhookSecret: undefined, webhookSecretFile: '/nonexistent/file' },
      '/nonexistent/file could not be read (ENOENT)',
    ],
    [{ webhookUrl: undefined }, 'say where events are to be delivered'],
  ])('is needed, one of it: %j', async (settings, message) => {
    const context = deliveryContext(database, receiver.url);
    const config = { ...context.config, ...settings };
    await expect(outboxDeliverCommand({ ...context, config }, { format: 'json' })).rejects.toThrow(
      message,
    );
  });

  test('is in nothing that is said or stored, and neither is the path of the URL', async () => {
    await writeRevision(store.db);
    receiver.answer = (response, { headers }) =>
      response.writeHead(500).end(JSON.stringify(headers));
    const context = deliveryContext(database, `${receiver.url}/CANARY?token=CANARY`);
    await deliver(context);
    expectSilent(context, 'CANARY', webhookSecret, webhookSecret.slice(6));
    const { row } = await owner.row(
      z.object({ row: z.string() }),
      'select string_agg(o::text, chr(10)) as row from ops.outbox o',
    );
    expect(row).not.toContain('CANARY');
    expect(row).not.toContain(webhookSecret.slice(6));
  });
});

test('what was delivered is forgotten after a while, and nothing else', async () => {
  await writeRevision(store.db);
  await run();
  receiver.answer = (response) => response.writeHead(410).end();
  await writeRevision(store.db);
  await run();
  await writeRevision(store.db);
  expect(await forgetEvents(store.db, 3_600_000)).toBe(0);
  await owner.run(`update ops.outbox set settled_at = settled_at - interval '2 hours'`);
  expect(await forgetEvents(store.db, 3_600_000)).toBe(1);
  expect((await statesOf(store.db)).map(({ state }) => state)).toEqual(['dead', 'pending']);
});
