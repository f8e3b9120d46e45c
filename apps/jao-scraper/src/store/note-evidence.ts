import { failedCheckReason } from '@sluice/schemas';
import type { QuarantinedPart } from '@sluice/schemas/jao';
import { countsOfQuarantined, quarantineItems, recordDrift } from '@sluice/warehouse/postgres';
import type { PostgresTransaction, QuarantinedItem } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { DayRefusal } from '../checks/audit-day.ts';
import { markOfEntry, markOfPart } from '../replay/quarantine-mark.ts';
import { readQuarantine } from '../replay/stored-record.ts';
import { wholePart } from './hold-back.ts';
import type { EvidenceFound, KeyChanges } from './store-changes.ts';
import type { AnswerOfDay, AnswerPart, DayToWrite, DayWritten } from './write-day.ts';

/** What an answer changes, of cells and of keys. */
export interface Evidence extends Pick<DayWritten, 'added' | 'revised' | 'withdrawn'>, KeyChanges {}

/** Notes what else an answer tells: quarantine and drift; gives what is to be counted. */
export async function noteEvidence(
  tx: PostgresTransaction,
  input: DayToWrite,
  changes: Evidence,
): Promise<EvidenceFound> {
  const { contract, attemptId, table } = input;
  const quarantined = await quarantineNew(tx, input, table.quarantined);
  const newDrift = await recordDrift(tx, { dataset: contract.name, attemptId }, [
    ...table.drift,
    ...changes.newKeys.map((value) => ({ kind: 'new_key', value })),
    ...changes.vanishedKeys.map((value) => ({ kind: 'vanished_key', value })),
  ]);
  const { added, revised, withdrawn } = changes;
  const dataset = contract.name;
  const counts = [
    ...countsOfQuarantined(dataset, quarantined),
    { name: 'sluice_revisions_total', labels: { dataset, kind: 'added' }, by: added },
    { name: 'sluice_revisions_total', labels: { dataset, kind: 'value' }, by: revised },
    { name: 'sluice_revisions_total', labels: { dataset, kind: 'withdrawn' }, by: withdrawn },
  ];
  return { quarantineEntries: quarantined.length, newDrift, counts };
}

/**
 * Puts aside what is new: what is open already, word for word, or was discarded, is not put there again
 * by every answer that repeats it. Gives what was put there.
 */
export async function quarantineNew(
  tx: PostgresTransaction,
  input: AnswerOfDay,
  parts: readonly QuarantinedPart[],
): Promise<readonly QuarantinedItem[]> {
  const { contract, day } = input;
  if (parts.length === 0) {
    return [];
  }
  const entries = await readQuarantine(tx, contract, day);
  const known = new Set(
    entries.filter(({ state }) => state === 'open' || state === 'discarded').map(markOfEntry),
  );
  return putThere(
    tx,
    input,
    parts.filter((part) => !known.has(markOfPart(part))),
  );
}

/**
 * Puts aside a whole answer that a check refused, unless one with the same bytes is open already, or was
 * discarded: answers that only begin alike are several. Gives what was put there.
 */
export async function quarantineWhole(
  tx: PostgresTransaction,
  input: AnswerOfDay,
  refusal: DayRefusal,
): Promise<readonly QuarantinedItem[]> {
  const { isKnown } = await tx.row(
    z.object({ isKnown: z.boolean() }),
    `select exists (
       select from ops.quarantine q join ops.attempt a using (attempt_id)
       where q.dataset = $1 and q.business_day = $2 and q.reason = $3 and q.series_key is null
         and q.delivery_start is null and q.state in ('open', 'discarded') and a.payload_hash = $4
     ) as "isKnown"`,
    [input.contract.name, input.day, failedCheckReason, input.body.sha256],
  );
  return isKnown ? [] : putThere(tx, input, [wholePart(input.body.bytes, refusal)]);
}

async function putThere(
  tx: PostgresTransaction,
  input: AnswerOfDay,
  parts: readonly QuarantinedPart[],
): Promise<readonly QuarantinedItem[]> {
  const { contract, day } = input;
  const items = parts.map(({ key, pointer, ...part }) => ({
    ...part,
    ...placeInPart(input.parts, pointer),
    seriesKey: key,
  }));
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
    items,
  );
  return items;
}

/** The place of what stands in the answers of several parts, which are kept as one: in the part that has it. */
function placeInPart(
  parts: readonly AnswerPart[],
  pointer: string,
): Pick<QuarantinedItem, 'url' | 'pointer' | 'payloadPointer'> {
  const [, index, rest = ''] = /^\/data\/(\d+)(.*)$/s.exec(pointer) ?? [];
  let row = Number(index);
  for (const { url, rows } of parts) {
    if (row < rows) {
      return { url, pointer: `/data/${row}${rest}`, payloadPointer: pointer };
    }
    row -= rows;
  }
  return { pointer };
}
