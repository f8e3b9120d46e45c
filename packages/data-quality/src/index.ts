export type { HistoryPoint } from './compile/check-context.ts';
export { detectAnomaly, medianOf } from './compile/detect-anomaly.ts';
export type { Anomaly } from './compile/detect-anomaly.ts';
export { findSuiteFaults } from './declaration/check-suite.ts';
export { expandExpectation } from './declaration/expand-expectation.ts';
export type { Check } from './declaration/expand-expectation.ts';
export { fingerprint } from './declaration/fingerprint.ts';
export type { EngineSession, QualityEngine } from './engine/engine.ts';
export { QualityError } from './errors.ts';
export type { QualityErrorCode } from './errors.ts';
export { profileTable } from './profile/profile-table.ts';
export type { ProfileTableOptions } from './profile/profile-table.ts';
export { sharedPattern } from './pattern/shared-pattern.ts';
export {
  historyDays,
  readDayHistory,
  readHistory,
  recordResults,
} from './results/check-history.ts';
export { decide } from './run/decide.ts';
export type { Decision } from './run/decide.ts';
export { failingRowsStatement, readFailingKeys } from './run/failing-keys.ts';
export type { FailingKeysOf, FailingRowsOf } from './run/failing-keys.ts';
export { defaultKeyLimit, runChecks, runDailyChecks } from './run/run-checks.ts';
export type { RunChecksOptions, RunDailyChecksOptions } from './run/run-checks.ts';
export { declarationCode } from './suggest/declaration-code.ts';
export { findSentinels } from './suggest/find-sentinels.ts';
export { suggestExpectations } from './suggest/suggest-expectations.ts';
export type { SuggestOptions } from './suggest/suggest-expectations.ts';
export type { Dialect, DialectName } from './sql/dialect.ts';
export type { Statement } from './sql/sql.ts';
