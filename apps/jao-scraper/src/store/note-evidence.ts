import type { QuarantinedPart } from '@sluice/schemas/jao';
import {
  bumpCounters,
  quarantineItems,
  recordDrift,
  storableText,
} from '@sluice/warehouse/postgres';
import type { DriftItem, PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { KeyChanges } from './store-changes.ts';
import type { DayToWrite, DayWritten } from './write-day.ts';

/** What an answer changes, of cells and of keys. */
export interface Evidence extends Pick<DayWritten, 'added' | 'revised' | 'withdrawn'>, KeyChanges {}

/**
 * Notes what else an answer tells: quarantine, drift, counters. Gives the drift that was never seen
 * before.
 */
export async function noteEvidence(
  tx: PostgresTransaction,
  input: DayToWrite,
  changes: Evidence,
): Promise<readonly DriftItem[]> {
  const { contract, attemptId, table } = input;
  await quarantineNew(tx, input, table.quarantined);
  const newDrift = await recordDrift(tx, { dataset: contract.name, attemptId }, [
    ...table.drift,
    ...changes.newKeys.map((value) => ({ kind: 'new_key', value })),
    ...changes.vanishedKeys.map((value) => ({ kind: 'vanished_key', value })),
  ]);
  const { added, revised, withdrawn } = changes;
  const dataset = contract.name;
  await bumpCounters(tx, [
    { name: 'sluice_revisions_total', labels: { dataset, kind: 'added' }, by: added },
    { name: 'sluice_revisions_total', labels: { dataset, kind: 'value' }, by: revised },
    {
      name: 'sluice_revisions_total',
      labels: { dataset, kind: 'withdrawn' },
      by: withdrawn,
    },
  ]);
  return newDrift;
}

/**
 * What is open already, word for word, or was discarded, is not put there again by every answer that
 * repeats it.
 */
export async function quarantineNew(
  tx: PostgresTransaction,
  input: DayToWrite,
  parts: readonly QuarantinedPart[],
): Promise<void> {
  const { contract, day } = input;
  if (parts.length === 0) {
    return;
  }
  const open = await tx.rows(
    z.object({ mark: z.string() }),
    `select jsonb_build_array(series_key, (extract(epoch from delivery_start) * 1000)::int8, reason, raw)::text as mark
     from ops.quarantine where dataset = $1 and business_day = $2 and state in ('open', 'discarded')`,
    [contract.name, day],
  );
  const known = new Set(open.map(({ mark }) => JSON.stringify(JSON.parse(mark))));
  await quarantineItems(
    tx,
    {
      runId: input.runId,
      attemptId: input.attemptId,
      dataset: contract.name,
      businessDay: day,
      url: input.url,
      contractVersion: contract.contractVersion,
    },
    parts
      .filter(
        ({ key, deliveryStartMs, reason, raw }) =>
          !known.has(
            JSON.stringify([
              key === null ? null : storableText(key),
              deliveryStartMs,
              reason,
              storableText(raw),
            ]),
          ),
      )
      .map(({ key, ...part }) => ({ ...part, seriesKey: key })),
  );
}
