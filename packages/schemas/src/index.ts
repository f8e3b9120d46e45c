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
  keptBytesOfLongLine,
  maxLineBytes,
  voteContract,
  voteFields,
  voteSchema,
  voteTypes,
} from './vote-contract.ts';
export type { ContractField, IntegerField, TimestampField, Vote } from './vote-contract.ts';
export { checkResultSchema, warehouseStatusSchema } from './warehouse-status.ts';
export type { CheckResult, WarehouseStatus } from './warehouse-status.ts';
