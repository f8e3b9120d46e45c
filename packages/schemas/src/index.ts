export { arrivalPlanSchema } from './arrivals/arrival-plan.ts';
export type { ArrivalPlan } from './arrivals/arrival-plan.ts';
export {
  arrivalStatusSchema,
  coveredFileSchema,
  expectedFileSchema,
  fileActions,
  fileCompletenessRowSchema,
  fileStates,
  votesCoverageSchema,
} from './arrivals/votes-coverage.ts';
export type {
  ArrivalStatus,
  CoveredFile,
  ExpectedFile,
  FileAction,
  FileCompletenessRow,
  FileState,
  VotesCoverage,
} from './arrivals/votes-coverage.ts';
export { backupManifestSchema, restoreReportSchema } from './backup-manifest.ts';
export type { BackupManifest, RestoreReport } from './backup-manifest.ts';
export { completenessOf } from './completeness.ts';
export type { Completeness } from './completeness.ts';
export { exitCodes } from './exit-code.ts';
export type { ExitCode } from './exit-code.ts';
export { fetchReportSchema } from './fetch-report.ts';
export type { FetchReport } from './fetch-report.ts';
export { metricsViews } from './metrics-views.ts';
export { parseVote } from './parse-vote.ts';
export type { ContractBreach, FieldSource, ParsedVote } from './parse-vote.ts';
export { profileReportSchema } from './profile-report.ts';
export type { ProfileReport } from './profile-report.ts';
export { quarantineDetailSchema, quarantineEntrySchema } from './quarantine-entry.ts';
export type { QuarantineDetail, QuarantineEntry } from './quarantine-entry.ts';
export {
  failedCheckReason,
  findUndecidable,
  isHeld,
  quarantineCountsSchema,
  quarantineDecisionReportSchema,
  quarantineDecisionSchema,
  quarantineHistorySchema,
  quarantineStates,
  quarantineStateSchema,
  quarantineTransitions,
  quarantineVerdicts,
} from './quarantine-model.ts';
export type {
  EntryToDecide,
  QuarantineCounts,
  QuarantineDecision,
  QuarantineDecisionReport,
  QuarantineHistory,
  QuarantineState,
  QuarantineVerdict,
} from './quarantine-model.ts';
export {
  entryReasons,
  entryReasonSchema,
  quarantineReasons,
  quarantineReasonSchema,
} from './reason-code.ts';
export type { EntryReason, QuarantineReason } from './reason-code.ts';
export { replayReportSchema } from './replay-report.ts';
export type { ReplayReport } from './replay-report.ts';
export {
  addTotals,
  controlTotalNames,
  controlTotalsSchema,
  driftSchema,
  fileCheckSchema,
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
  FileCheck,
  FileOutcome,
  FileReport,
  IngestReport,
  RunOutcome,
  RunReport,
} from './run-ledger.ts';
export { actionsOfState, stateActionsSchema } from './state-actions.ts';
export type { StateActions, StateActionsOptions } from './state-actions.ts';
export { unloadReportSchema } from './unload-report.ts';
export type { UnloadReport } from './unload-report.ts';
export { daysSinceEpoch, isCalendarDay, parseUtcTimestamp } from './utc-timestamp.ts';
export { verifyReportSchema } from './verify-report.ts';
export type { VerifyReport } from './verify-report.ts';
export {
  keptBytesOfLongLine,
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
  warehouseStatusLimits,
  warehouseStatusSchema,
} from './warehouse-status.ts';
export type { CheckResult, WarehouseContents, WarehouseStatus } from './warehouse-status.ts';
