export { absenceRowSchema } from './absence-row.ts';
export type { AbsenceRow } from './absence-row.ts';
export { attemptOutcomes, attemptOutcomeSchema, isSuccess } from './attempt-outcome.ts';
export type { AttemptOutcome } from './attempt-outcome.ts';
export { backfillReportSchema } from './backfill-report.ts';
export type { BackfillReport } from './backfill-report.ts';
export {
  addDays,
  businessDayBounds,
  businessDayOf,
  daysBetween,
  isBusinessDay,
} from './business-day.ts';
export type { Window } from './business-day.ts';
export { comparableSince } from './comparable-days.ts';
export { configureJaoSuites, jaoSuites } from './jao-suites.ts';
export type { JaoSuite } from './jao-suites.ts';
export {
  coverageRebuildReportSchema,
  databaseMigrateReportSchema,
  databaseStatusSchema,
} from './database-report.ts';
export type {
  CoverageRebuildReport,
  DatabaseMigrateReport,
  DatabaseStatus,
} from './database-report.ts';
export { factOrigins, unitOfKey } from './dataset-contract.ts';
export type {
  BusinessDay,
  DatasetContract,
  DatedStep,
  FactOrigin,
  PublicationCalendar,
  StepMinutes,
} from './dataset-contract.ts';
export { datasetReportSchema, describeDataset } from './dataset-report.ts';
export type { DatasetReport } from './dataset-report.ts';
export { catalogueVersion, defaultDatasetName, findDataset, jaoDatasets } from './datasets.ts';
export { cellQuarantineReasons, cellStates, driftKinds, isOfAnotherDay } from './day-answer.ts';
export type {
  AnswerDrift,
  BodyRefusal,
  CellCounts,
  CellQuarantineReason,
  DayAnswer,
  DayRow,
  DayTable,
  DriftKind,
  QuarantinedPart,
} from './day-answer.ts';
export { jaoEventSchema, jaoEventSource, jaoEventTypePrefix, jaoEventTypes } from './jao-event.ts';
export type { JaoEvent, JaoEventType } from './jao-event.ts';
export { jaoVerifyReportSchema } from './jao-verify-report.ts';
export type { JaoVerifyReport } from './jao-verify-report.ts';
export { countRows, findPart } from './find-part.ts';
export { mergeAnswers } from './merge-answers.ts';
export {
  deliveryFailures,
  outboxChangeReportSchema,
  outboxDeliveryReportSchema,
  outboxDetailSchema,
  outboxEntrySchema,
  outboxStates,
} from './outbox-report.ts';
export type {
  DeliveryFailure,
  OutboxChangeReport,
  OutboxDeliveryReport,
  OutboxEntry,
  OutboxState,
} from './outbox-report.ts';
export { escapePointer } from './part-pointer.ts';
export { parseDayAnswer } from './parse-day-answer.ts';
export { deliveryStarts, dueAtMs, lastPublishedDay, stepMinutes } from './publication-calendar.ts';
export { publicationArrivals } from './publication-arrivals.ts';
export type { DayPeriod } from './publication-arrivals.ts';
export {
  cellEntryReasons,
  cellReplayReportSchema,
  quarantinedCellDetailSchema,
  quarantinedCellSchema,
} from './quarantine-report.ts';
export type {
  CellReplayReport,
  QuarantinedCell,
  QuarantinedCellDetail,
} from './quarantine-report.ts';
export { reparseReportSchema } from './reparse-report.ts';
export type { ReparseReport } from './reparse-report.ts';
export { stepOfStarts } from './seen-step.ts';
export {
  completenessRowSchema,
  coverageActions,
  coverageRowSchema,
  coverageStates,
  coverageSummaryRowSchema,
  latestRowSchema,
  revisionRowSchema,
  vintages,
} from './series-rows.ts';
export type {
  CompletenessRow,
  CoverageAction,
  CoverageRow,
  CoverageState,
  CoverageSummaryRow,
  LatestRow,
  RevisionRow,
  Vintage,
} from './series-rows.ts';
export { zonesOfKey } from './zones-of-key.ts';
export type { KeyZones } from './zones-of-key.ts';
