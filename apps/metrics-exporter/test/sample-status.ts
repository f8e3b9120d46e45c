import { warehouseStatusSchema } from '@sluice/schemas';
import type { WarehouseStatus } from '@sluice/schemas';

const totals = {
  read: 20,
  accepted: 12,
  duplicate: 3,
  conflicting: 2,
  quarantined: 2,
  refused: 1,
};
const result = {
  resultId: '01a1fe6f-da10-776c-8593-b2b5d7980ef3',
  runId: '01a1fe6f-da10-776c-8593-b2b5d7980ef4',
  dataset: 'votes',
  relation: 'blog_analysis.votes',
  scope: null,
  period: null,
  checkId: 'votes.id.unique',
  kind: 'unique',
  fingerprint: 'f',
  outcome: 'passed',
  severity: null,
  action: null,
  observed: null,
  expected: '',
  value: null,
  tested: 12,
  failing: 0,
  message: '',
  durationMs: 1,
  checkedAt: '2026-03-10T04:15:09.000Z',
} as const;

/** A status file in which everything has something to tell. */
export const sampleStatus: WarehouseStatus = warehouseStatusSchema.parse({
  schemaVersion: 1,
  dataset: 'votes',
  writtenAt: '2026-03-10T04:15:10.000Z',
  appVersion: '0.1.0',
  contractVersion: '1',
  warehouse: { file: 'warehouse.db', sizeBytes: 5 },
  contents: { rows: 12, unloadedRows: 0, runs: 3, files: 2, conflicts: 2 },
  totals,
  runsByOutcome: { succeeded: 1, failed: 1, abandoned: 1 },
  filesByOutcome: { ingested: 1, already_ingested: 0, refused: 1, unloaded: 0 },
  openQuarantine: {
    entries: 2,
    oldestAt: '2026-03-09T04:15:00.000Z',
    byReason: { missing_field: 2, bad_date: 0 },
  },
  freshness: {
    newestVoteAt: '2026-03-09 23:59:59.5',
    lastSucceededAt: '2026-03-10T04:15:10.000Z',
  },
  checks: [
    { id: 'ledger.balanced', outcome: 'passed', message: '' },
    { id: 'ledger.rows', outcome: 'failed', message: '' },
  ],
  quality: [
    result,
    { ...result, scope: '"FileId" = 2', outcome: 'warned', severity: 'warn', failing: 2 },
  ],
  arrivals: {
    file: 'votes-*.jsonl',
    at: '2026-03-10T04:15:10.000Z',
    byState: {
      present: 3,
      not_expected: 0,
      quarantined: 0,
      not_due: 0,
      late: 0,
      not_provided: 1,
      not_collected: 0,
    },
    missing: [],
    next: {
      name: 'votes-2026-03-10.jsonl',
      dueAt: '2026-03-11T02:00:00.000Z',
      missingAt: '2026-03-11T06:00:00.000Z',
    },
  },
  runs: [
    {
      runId: '01a1fe6f-da10-776c-8593-b2b5d7980ef4',
      command: 'ingest',
      appVersion: '0.1.0',
      contractVersion: '1',
      startedAt: '2026-03-10T04:15:00.000Z',
      endedAt: '2026-03-10T04:15:10.000Z',
      outcome: 'succeeded',
      error: null,
      totals,
      files: [{ path: 'votes.jsonl', sha256: 'ab', bytes: 900, outcome: 'ingested', ...totals }],
      drift: [],
    },
  ],
});
