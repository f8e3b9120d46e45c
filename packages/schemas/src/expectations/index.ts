export { steadyCalendar } from './arrival-calendar.ts';
export type { ArrivalCalendar } from './arrival-calendar.ts';
export { checkOverridesSchema } from './check-overrides.ts';
export type { CheckOverride, CheckOverrides } from './check-overrides.ts';
export { checkReportSchema } from './check-report.ts';
export type { CheckReport } from './check-report.ts';
export { comparisons } from './condition.ts';
export type { Comparison, Condition } from './condition.ts';
export { checksOf, hasFailingKeys, isAboutWholeTable } from './checks-of.ts';
export { checkIds, configureSuite } from './configure-suite.ts';
export type { ConfiguredSuite } from './configure-suite.ts';
export { defineSuite } from './expectation.ts';
export type { Expectation, ExpectationKind, ExpectationSuite } from './expectation.ts';
export { findContradiction } from './find-contradiction.ts';
export {
  keyGroupSchema,
  seriesProfilesSchema,
  suggestedProfileSchema,
} from './profile-documents.ts';
export type { KeyGroup, SeriesProfile, SuggestedProfile } from './profile-documents.ts';
export { qualityResultSchema, rowKeySchema } from './quality-result.ts';
export type { QualityResult, RowKey } from './quality-result.ts';
export { checkedParts, jsonTypes, textForms } from './row-expectations.ts';
export type {
  CheckedPart,
  JsonType,
  JsonTypes,
  MissingSeverity,
  RowExpectation,
  TextForm,
} from './row-expectations.ts';
export { checkActions, checkOutcomes } from './severity.ts';
export type {
  Bounds,
  BoundsSeverity,
  CheckAction,
  CheckOutcome,
  RowSeverity,
  Threshold,
  Tolerance,
} from './severity.ts';
export type { DriftLevel, Lateness, Measure, TableExpectation } from './table-expectations.ts';
export { columnProfileSchema, suggestionSchema, tableProfileSchema } from './table-profile.ts';
export type { ColumnProfile, Suggestion, TableProfile } from './table-profile.ts';
export { columnTypes, shapeOfContract } from './table-shape.ts';
export type {
  AnyValue,
  ColumnName,
  ColumnsOfFields,
  ColumnType,
  RelationName,
  TableColumns,
  TableShape,
  ValueByType,
  ValueOf,
} from './table-shape.ts';
export { isTimeMeasure } from './time-measure.ts';
export { timeGrains } from './time-grain.ts';
export type { TimeGrain } from './time-grain.ts';
export { voteSuite } from './vote-suite.ts';
