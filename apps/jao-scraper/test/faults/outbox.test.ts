import { exitCodes } from '@sluice/schemas';
import type { JaoEvent } from '@sluice/schemas/jao';
import { DatabaseProxy } from '@sluice/warehouse/postgres-testing';
import { expect, test } from 'vitest';

import { statesOf } from '../outbox/deliveries.ts';
import { startReceiver, verifyDelivery } from '../outbox/receiver.ts';
import type { Receiver } from '../outbox/receiver.ts';
import { expectExit, wordsOf } from './app-process.ts';
import type { AppProcess, Ended } from './app-process.ts';
import { timeoutMs, useScenario } from './scenario.ts';
import { startWatch, withWatchCase } from './watch-case.ts';
import type { WatchCase } from './watch-case.ts';

const canary = Buffer.from('CANARY: what nobody is shown, ever');
const secret = `whsec_${canary.toString('base64')}`;
const scenario = useScenario();

test(
  'a watcher that is killed before it can note a delivery leaves it to the next, which delivers it again',
  async () => {
    await withWatchCase(scenario, async (made) => {
      const receiver = await startReceiver();
      const killed = startDelivering(made, receiver);
      receiver.answer = (response, { body }) => {
        if (body.includes(`/${made.newest}"`)) {
          killed.kill('SIGKILL');
        }
        response.writeHead(204).end();
      };
      publish(made);
      const ended = await killed.ended;
      expect(ended.signal, ended.stderr.slice(-2_000)).toBe('SIGKILL');
      const [first] = ofNewest(made, receiver.events());
      expect(first?.type).toMatch(/^sluice\.jao\.(?:day_complete|gap_closed)$/);
      expect(await statesOf(made.owner, first?.id)).toMatchObject([{ state: 'pending', tries: 1 }]);

      receiver.answer = (response) => response.writeHead(204).end();
      // As if its time were over.
      await made.owner.run('update ops.outbox set leased_until = clock_timestamp()');
      const next = startDelivering(made, receiver);
      await next.until('the event was delivered', (log) =>
        log.some(({ msg, id }) => msg === 'event delivered' && id === first?.id),
      );
      const again = await stop(next);
      expect(ofNewest(made, receiver.events())).toEqual([first, first]);
      for (const delivery of receiver.deliveries) {
        verifyDelivery(delivery, secret);
      }
      expect(await statesOf(made.owner, first?.id)).toMatchObject([
        { state: 'delivered', tries: 2 },
      ]);
      for (const { stderr, stdout } of [ended, again]) {
        for (const hidden of [secret.slice(6), 'CANARY', 'path-of-hook']) {
          expect(stderr + stdout).not.toContain(hidden);
        }
      }
    });
  },
  timeoutMs,
);

test(
  'two watchers deliver each event once, also where the receiver was down at first',
  async () => {
    await withWatchCase(scenario, async (made) => {
      const receiver = await startReceiver();
      receiver.answer = (response) => response.writeHead(503).end();
      const watchers = [startDelivering(made, receiver), startDelivering(made, receiver)];
      publish(made);
      await receiver.until((events) => ofNewest(made, events).length > 0);
      const refused = receiver.deliveries.length;
      receiver.answer = (response) => response.writeHead(204).end();
      await receiver.until((events) => ofNewest(made, events.slice(refused)).length > 0);
      await Promise.all(watchers.map(stop));
      const ids = watchers.flatMap(({ log }) =>
        log.filter(({ msg }) => msg === 'event delivered').map(({ id }) => id),
      );
      expect(new Set(ids).size).toBe(ids.length);
      const [newest] = ofNewest(made, receiver.events());
      expect(ids).toContain(newest?.id);
      const taken = receiver.events().slice(refused);
      expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
    });
  },
  timeoutMs,
);

test(
  'SIGTERM ends a delivery that hangs, and the event is as if it had not been sent',
  async () => {
    await withWatchCase(scenario, async (made) => {
      const receiver = await startReceiver();
      receiver.answer = () => undefined;
      const watcher = startDelivering(made, receiver);
      publish(made);
      await receiver.until((events) => events.length > 0);
      const [sent] = receiver.events();
      await stop(watcher);
      expect(await statesOf(made.owner, sent?.id)).toEqual([
        { state: 'pending', tries: 0, status: null, failure: null },
      ]);
      const next = startDelivering(made, receiver);
      receiver.answer = (response) => response.writeHead(204).end();
      await next.until('the event was delivered', (log) =>
        log.some(({ msg, id }) => msg === 'event delivered' && id === sent?.id),
      );
      await stop(next);
    });
  },
  timeoutMs,
);

test(
  'watch --once delivers what is due, and ends',
  async () => {
    await withWatchCase(scenario, async (made) => {
      const receiver = await startReceiver();
      publish(made);
      expectExit(await startDelivering(made, receiver, ['--once']).ended, exitCodes.done);
      const [event, ...others] = ofNewest(made, receiver.events());
      expect(others).toEqual([]);
      expect(await statesOf(made.owner, event?.id)).toMatchObject([
        { state: 'delivered', tries: 1 },
      ]);
    });
  },
  timeoutMs,
);

test(
  'a watcher that delivers ends with 4 where the database stays away',
  async () => {
    await withWatchCase(scenario, async (made) => {
      const receiver = await startReceiver();
      const url = made.database.url('worker');
      const proxy = await DatabaseProxy.start(url);
      const env = { ...made.env, DATABASE_URL: proxy.urlOf(url) };
      const watcher = startDelivering({ ...made, env }, receiver, ['--database-wait', '1s']);
      publish(made);
      await receiver.until((events) => ofNewest(made, events).length > 0);
      await proxy.stop();
      expectExit(await watcher.ended, exitCodes.unavailable);
    });
  },
  timeoutMs,
);

test('a webhook without a secret is refused before anything is done', async () => {
  await withWatchCase(scenario, async (made) => {
    const env = { ...made.env, JAO_WEBHOOK_URL: 'http://127.0.0.1:1/' };
    const ended = await startWatch({ ...made, env }).ended;
    expectExit(ended, exitCodes.usage);
    expect(wordsOf(ended).join('')).toContain('what goes to the webhook is signed: give a secret');
    expect(ended.stdout).toBe('');
  });
});

function startDelivering(
  made: WatchCase,
  receiver: Receiver,
  args: readonly string[] = [],
): AppProcess {
  const env = {
    JAO_WEBHOOK_URL: `${receiver.url}/path-of-hook`,
    JAO_WEBHOOK_SECRET: secret,
    JAO_WEBHOOK_PAUSE: '0s',
  };
  return startWatch({ ...made, env: { ...made.env, ...env } }, args);
}

async function stop(watcher: AppProcess): Promise<Ended> {
  watcher.kill('SIGTERM');
  const ended = await watcher.ended;
  expectExit(ended, exitCodes.terminated);
  return ended;
}

/** Lets the newest day come out. */
function publish({ simulator, contract, newest }: WatchCase): void {
  simulator.postpone(contract.name, newest, Date.now());
}

function ofNewest({ newest }: WatchCase, events: readonly JaoEvent[]): JaoEvent[] {
  return events.filter(({ data }) => data.businessDay === newest);
}
