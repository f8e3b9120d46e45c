import { exitCodes } from '@sluice/schemas';
import {
  outboxChangeReportSchema,
  outboxDetailSchema,
  outboxEntrySchema,
} from '@sluice/schemas/jao';
import type { OutboxEntry } from '@sluice/schemas/jao';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { beforeEach, describe, expect, test } from 'vitest';

import { switchOutboxOn } from '../../src/outbox/outbox-switch.ts';
import { outboxListCommand } from '../../src/outbox/list-command.ts';
import type { OutboxListOptions } from '../../src/outbox/list-command.ts';
import {
  outboxDiscardCommand,
  outboxOffCommand,
  outboxReplayCommand,
} from '../../src/outbox/settle-commands.ts';
import type { OutboxChoiceOptions } from '../../src/outbox/settle-commands.ts';
import { outboxShowCommand } from '../../src/outbox/show-command.ts';
import { contextOn } from '../store/commands.ts';
import type { TestStore } from '../store/test-store.ts';
import { openOwnedStore } from '../store/use-store.ts';
import { deliver, deliveryContext, statesOf, writeRevision } from './deliveries.ts';
import { startReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

let database: TestDatabase;
let store: TestStore;
let receiver: Receiver;
/** By number: delivered, dead, pending. */
let numbers: readonly number[];

beforeEach(async () => {
  ({ database, store } = await openOwnedStore());
  await switchOutboxOn(store.db);
  receiver = await startReceiver();
  const written = [await writeRevision(store.db)];
  await deliver(deliveryContext(database, receiver.url));
  written.push(await writeRevision(store.db));
  receiver.answer = (response) => response.writeHead(410).end();
  await deliver(deliveryContext(database, receiver.url));
  written.push(await writeRevision(store.db, { dataset: 'core/maxNetPos' }));
  numbers = written;
});

async function list(options: Partial<OutboxListOptions> = {}): Promise<OutboxEntry[]> {
  const context = contextOn(database);
  expect(await outboxListCommand(context, { format: 'json', ...options })).toBe(exitCodes.done);
  return outboxEntrySchema.array().parse(JSON.parse(context.printed()));
}

async function change(
  command: typeof outboxReplayCommand,
  options: Partial<OutboxChoiceOptions>,
): Promise<unknown> {
  const context = contextOn(database);
  const exit = await command(context, { args: [], format: 'json', ...options });
  expect(exit).toBe(exitCodes.done);
  return outboxChangeReportSchema.parse(JSON.parse(context.printed()));
}

const states = async () => (await statesOf(store.db)).map(({ state }) => state);

describe('outbox list', () => {
  test('has what is not delivered, and what is asked for', async () => {
    expect((await list()).map(({ eventId, state }) => [eventId, state])).toEqual([
      [numbers[1], 'dead'],
      [numbers[2], 'pending'],
    ]);
    expect(await list({ state: ['all'] })).toHaveLength(3);
    const [entry, ...others] = await list({ state: ['all'], dataset: ['core/maxNetPos'] });
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      type: 'revision',
      dataset: 'core/maxNetPos',
      businessDay: '2026-01-20',
      occurredAt: '2026-01-21T00:00:00.000Z',
      tries: 0,
      lastTriedAt: null,
      settledAt: null,
    });
  });

  test('is a table for people, and says where there is nothing', async () => {
    const context = contextOn(database);
    await outboxListCommand(context, { format: 'table' });
    expect(context.printed()).toMatch(/ dead .* 410 │ http_410 /);
    expect(context.said()).toBe('');
    const nothing = contextOn(database);
    await outboxListCommand(nothing, { format: 'csv', state: ['discarded'] });
    expect(nothing.said()).toContain('no such event is in the outbox');
    expect(nothing.printed()).toMatch(/^event_id,id,type,dataset,business_day,/);
  });

  test('refuses a state that there is not', async () => {
    await expect(
      outboxListCommand(contextOn(database), { format: 'json', state: ['late'] }),
    ).rejects.toMatchObject({ exitCode: exitCodes.usage });
  });
});

describe('outbox show', () => {
  test('has what is sent, by the number or by the id', async () => {
    const [, , sent] = await list({ state: ['all'] });
    for (const id of [String(sent?.eventId), String(sent?.id).toUpperCase()]) {
      const context = contextOn(database);
      await outboxShowCommand(context, { args: [id], format: 'json' });
      const { event, ...entry } = outboxDetailSchema.parse(JSON.parse(context.printed()));
      expect(entry).toEqual(sent);
      expect(event).toMatchObject({ id: sent?.id, subject: 'core/maxNetPos/2026-01-20' });
    }
    const context = contextOn(database);
    await outboxShowCommand(context, { args: [String(sent?.eventId)], format: 'table' });
    expect(context.printed()).toContain('state          pending\n');
    expect(context.printed()).toContain('"specversion": "1.0"');
  });

  test('says what there is not', async () => {
    await expect(
      outboxShowCommand(contextOn(database), { args: ['999'], format: 'json' }),
    ).rejects.toThrow('there is no event 999');
    await expect(
      outboxShowCommand(contextOn(database), { args: ['x'], format: 'json' }),
    ).rejects.toMatchObject({ exitCode: exitCodes.usage });
  });
});

describe('outbox replay', () => {
  test('has dead events delivered again, with the ids that they had', async () => {
    expect(await change(outboxReplayCommand, { all: true })).toEqual({
      events: 1,
      state: 'pending',
    });
    expect(await states()).toEqual(['delivered', 'pending', 'pending']);
    receiver.answer = (response) => response.writeHead(200).end();
    const before = receiver.events().length;
    expect(await deliver(deliveryContext(database, receiver.url))).toMatchObject({ delivered: 2 });
    expect(receiver.events().slice(before)).toContainEqual(receiver.events()[before - 1]);
    expect(await statesOf(store.db)).toMatchObject([{ tries: 1 }, { tries: 1 }, { tries: 1 }]);
  });

  test('takes events by name, delivered ones too; all of them, or none', async () => {
    const named = numbers.map(String);
    await expect(
      outboxReplayCommand(contextOn(database), { args: [...named, '999'], format: 'json' }),
    ).rejects.toThrow('there is no event 999 that is pending, delivered, dead, discarded');
    expect(await states()).toEqual(['delivered', 'dead', 'pending']);
    expect(await change(outboxReplayCommand, { args: named })).toMatchObject({ events: 3 });
    expect(await states()).toEqual(['pending', 'pending', 'pending']);
  });

  test.each([{ args: [] }, { args: ['1'], all: true }, { args: ['one'] }])(
    'takes ids or --all: %j',
    async (options) => {
      await expect(
        outboxReplayCommand(contextOn(database), { ...options, format: 'json' }),
      ).rejects.toMatchObject({ exitCode: exitCodes.usage });
    },
  );
});

test('outbox discard gives up what is not delivered, and only that', async () => {
  await expect(
    outboxDiscardCommand(contextOn(database), { args: [String(numbers[0])], format: 'json' }),
  ).rejects.toThrow('that is dead, pending; nothing was changed');
  expect(await change(outboxDiscardCommand, { all: true })).toEqual({
    events: 2,
    state: 'discarded',
  });
  expect(await states()).toEqual(['delivered', 'discarded', 'discarded']);
  expect(await deliver(deliveryContext(database, receiver.url))).toMatchObject({ delivered: 0 });
});

test('outbox off ends the writing of events, and says what waits', async () => {
  const context = contextOn(database);
  expect(await outboxOffCommand(context)).toBe(exitCodes.done);
  expect(context.printed()).toBe('events are not written any more\n');
  expect(context.said()).toContain('1 events are pending');
  await writeRevision(store.db);
  expect(await states()).toHaveLength(3);
  const listing = contextOn(database);
  await outboxListCommand(listing, { format: 'table' });
  expect(listing.said()).toContain('no events are written');
  const again = contextOn(database);
  await outboxOffCommand(again);
  expect(again.printed()).toBe('events were not written\n');
});
