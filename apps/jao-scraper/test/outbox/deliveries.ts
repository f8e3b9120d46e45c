import { outboxDeliveryReportSchema } from '@sluice/schemas/jao';
import type { OutboxDeliveryReport } from '@sluice/schemas/jao';
import type { PostgresDatabase, Queryable } from '@sluice/warehouse/postgres';
import type { TestDatabase } from '@sluice/warehouse/postgres-testing';
import { expect } from 'vitest';
import { z } from 'zod';

import type { Config } from '../../src/config.ts';
import { outboxDeliverCommand } from '../../src/outbox/deliver-command.ts';
import { writeEvents } from '../../src/outbox/write-events.ts';
import { fakeContext } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { contractOf } from '../store/test-store.ts';

/** 32 bytes, as receivers are told them. */
export const webhookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
/** Another one. */
export const otherSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

/** Writes an event as a transaction does that revises a cell, and gives its number. */
export async function writeRevision(
  db: PostgresDatabase,
  { dataset = 'core/maxExchanges', day = '2026-01-20' } = {},
): Promise<number> {
  return db.transaction(async (tx) => {
    const deliveryStartMs = Date.UTC(2026, 0, 20, 12);
    await writeEvents(tx, {
      contract: contractOf(dataset),
      datasetId: 0,
      day,
      knownFromMs: Date.UTC(2026, 0, 21),
      revised: [{ key: 'a', deliveryStartMs, oldValue: 1, newValue: 2, withdrawn: false }],
      newKeys: [],
      vanishedKeys: [],
    });
    const { id } = await tx.row(
      z.object({ id: z.number() }),
      'select max(event_id) as id from ops.outbox',
    );
    return id;
  });
}

/** What of the configuration is about deliveries. */
export type DeliverySettings = Partial<
  Pick<
    Config,
    | 'webhookUrl'
    | 'webhookSecret'
    | 'webhookSecretFile'
    | 'webhookTimeout'
    | 'webhookTries'
    | 'webhookPause'
  >
>;

/** Settings of a delivery to a receiver, with what a test changes in them. */
export function deliveryContext(
  database: TestDatabase,
  webhookUrl: string,
  settings: DeliverySettings = {},
): FakeContext {
  const context = fakeContext({ flags: { databaseUrl: database.url('worker'), webhookUrl } });
  return { ...context, config: { ...context.config, webhookSecret, ...settings } };
}

/** Delivers what is pending, each event once at most; gives the exit code and the report. */
export async function deliver(
  context: FakeContext,
): Promise<OutboxDeliveryReport & { exit: number }> {
  const exit = await outboxDeliverCommand(context, { format: 'json' });
  return { exit, ...outboxDeliveryReportSchema.parse(JSON.parse(context.printed())) };
}

const stateRow = z.object({
  state: z.string(),
  tries: z.number(),
  status: z.number().nullable(),
  failure: z.string().nullable(),
});

/** What became of each event, in order, or of the one with an id. */
export async function statesOf(db: Queryable, id?: string): Promise<z.infer<typeof stateRow>[]> {
  return db.rows(
    stateRow,
    `select state, tries, last_status as status, last_failure as failure from ops.outbox
     where $1::uuid is null or id = $1 order by event_id`,
    [id ?? null],
  );
}

/** What was counted under a name, by the label. */
export async function countersOf(
  db: Queryable,
  name: string,
  label: string,
): Promise<Readonly<Record<string, number>>> {
  const rows = await db.rows(
    z.object({ label: z.string(), value: z.number() }),
    'select labels ->> $2 as label, value from ops.counter where name = $1 and value <> 0',
    [name, label],
  );
  return Object.fromEntries(rows.map((row) => [row.label, row.value]));
}

/** Expects that nothing that was printed or said has any of these texts. */
export function expectSilent(context: FakeContext, ...texts: readonly string[]): void {
  for (const text of texts) {
    expect(context.printed() + context.said()).not.toContain(text);
  }
}
