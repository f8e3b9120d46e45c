export { backupManifestSchema, restoreReportSchema } from './backup-manifest.ts';
export type { BackupManifest, RestoreReport } from './backup-manifest.ts';
export { exitCodes } from './exit-code.ts';
export type { ExitCode } from './exit-code.ts';
export { parseVote } from './parse-vote.ts';
export type { ContractBreach, FieldSource, ParsedVote } from './parse-vote.ts';
export { quarantineEntrySchema } from './quarantine-entry.ts';
export type { QuarantineEntry } from './quarantine-entry.ts';
export { quarantineReasons, quarantineReasonSchema, quarantineStates } from './reason-code.ts';
export type { QuarantineReason, QuarantineState } from './reason-code.ts';
export {
  addTotals,
export { replayReportSchema } from './replay-report.ts';
export type { ReplayReport } from './replay-report.ts';
  controlTotalNames,
  controlTotalsSchema,
  driftSchema,
  fileOutcomes,
  fileReportSchema,
  ingestReportSchema,
  runOutcomes,
  runReportSchema,
  totalsAreBalanced,
  zeroTotals,
} from './run-ledger.ts';
export type {
  ControlTotals,
  Drift,
  FileOutcome,
  FileReport,
  IngestReport,
  RunOutcome,
  RunReport,
} from './run-ledger.ts';
export { daysSinceEpoch, isCalendarDay, parseUtcTimestamp } from './utc-timestamp.ts';
export {
export { unloadReportSchema } from './unload-report.ts';
export type { UnloadReport } from './unload-report.ts';
  keptBytesOfLongLine,
export { verifyReportSchema } from './verify-report.ts';
export type { VerifyReport } from './verify-report.ts';
  maxLineBytes,
  voteContract,
  voteFields,
  voteSchema,
  voteTypes,
} from './vote-contract.ts';
export type { ContractField, IntegerField, TimestampField, Vote } from './vote-contract.ts';
export {
  checkResultSchema,
  warehouseContentsSchema,
  warehouseStatusSchema,
} from './warehouse-status.ts';
export type { CheckResult, WarehouseContents, WarehouseStatus } from './warehouse-status.ts';
