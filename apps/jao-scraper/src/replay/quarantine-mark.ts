import type { QuarantinedPart } from '@sluice/schemas/jao';
import { storableRaw, storableText } from '@sluice/warehouse/postgres';

import type { QuarantineEntry } from './stored-record.ts';

/** What makes two parts of a day's answers the same entry of quarantine. */
export function markOfPart({
  key,
  deliveryStartMs,
  reason,
  raw,
}: Pick<QuarantinedPart, 'key' | 'deliveryStartMs' | 'raw'> & { readonly reason: string }): string {
  return JSON.stringify([
    key === null ? null : storableText(key),
    deliveryStartMs,
    reason,
    storableRaw(raw),
  ]);
}

/** The mark of an entry, as {@link markOfPart} gives it for its part. */
export function markOfEntry({ seriesKey, deliveryStartMs, reason, raw }: QuarantineEntry): string {
  return JSON.stringify([seriesKey, deliveryStartMs, reason, raw]);
}
