import type { QuarantineEntry } from '@sluice/schemas';

import type { EntryRow } from './read-entries.ts';

/** An entry as programs read it: what is not there is absent. */
export function toEntry(row: EntryRow): QuarantineEntry {
  const { id, runId, file, line, reason, checkId, message, raw, rawBase64, rawBytes } = row;
  return {
    id,
    runId,
    file,
    line,
    reason,
    ...(checkId === null ? {} : { checkId }),
    message,
    ...(raw === null ? {} : { raw }),
    ...(rawBase64 === null ? {} : { rawBase64 }),
    rawBytes,
    ...(row.rawSha256 === null ? {} : { rawSha256: row.rawSha256 }),
    contractVersion: row.contractVersion,
    createdAt: row.createdAt,
    state: row.state,
    ...(row.decision === undefined ? {} : { decision: row.decision }),
  };
}
