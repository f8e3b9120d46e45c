export { attemptOutcomes, attemptOutcomeSchema, isSuccess } from './attempt-outcome.ts';
export type { AttemptOutcome } from './attempt-outcome.ts';
export {
  addDays,
  businessDayBounds,
  businessDayOf,
  daysBetween,
  isBusinessDay,
} from './business-day.ts';
export type { Window } from './business-day.ts';
export { factOrigins, unitOfKey } from './dataset-contract.ts';
export type {
  BusinessDay,
  DatasetContract,
  DatedStep,
  FactOrigin,
  PublicationCalendar,
  StepMinutes,
} from './dataset-contract.ts';
export { defaultDatasetName, findDataset, jaoDatasets } from './datasets.ts';
export { cellQuarantineReasons, cellStates, driftKinds } from './day-answer.ts';
export type {
  AnswerDrift,
  BodyRefusal,
  CellQuarantineReason,
  DayAnswer,
  DayRow,
  DayTable,
  DriftKind,
  QuarantinedPart,
} from './day-answer.ts';
export { parseDayAnswer } from './parse-day-answer.ts';
export { deliveryStarts, dueAtMs, lastPublishedDay, stepMinutes } from './publication-calendar.ts';
export { zonesOfKey } from './zones-of-key.ts';
export type { KeyZones } from './zones-of-key.ts';
