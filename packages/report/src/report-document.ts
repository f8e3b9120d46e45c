/** How something is, to be seen at once; always said in words, too. */
export type Tone = 'good' | 'caution' | 'bad' | 'none';

/** All that a page shows. Texts are as they are in the data: the page escapes them. */
export interface ReportDocument {
  /** The program that made it, such as `votes-ingest`. */
  readonly app: string;
  readonly appVersion: string;
  /** What the page is about. */
  readonly title: string;
  /** Where the data is: a file, or a database without its password. */
  readonly source: string;
  /** As of when: all on the page is what was known then. */
  readonly asOf: Date;
  readonly createdAt: Date;
  /** The answer, in a sentence with numbers. */
  readonly verdict: { readonly tone: Tone; readonly sentence: string };
  readonly figures: readonly KeyFigure[];
  readonly sections: readonly ReportSection[];
}

/** A number that matters, with what it is of. */
export interface KeyFigure {
  readonly label: string;
  readonly figure: string;
  readonly note?: string | undefined;
  /** @default none */
  readonly tone?: Tone | undefined;
}

/** A part of the page; its kind decides how it is shown. */
export type ReportSection =
  | RunsSection
  | ChecksSection
  | CoverageSection
  | RevisionsSection
  | WeeksSection
  | QuarantineSection
  | AbsencesSection;

interface SectionBase {
  /** Said where the section has nothing to show: why, and what to do. */
  readonly emptyHint: string;
  /** What the reader has to know: what was cut, what could not be read. */
  readonly notes?: readonly string[] | undefined;
}

/** What became of a run. */
export const runOutcomes = ['succeeded', 'failed', 'abandoned', 'running'] as const;

/** A member of {@link runOutcomes}. */
export type RunOutcome = (typeof runOutcomes)[number];

/** The newest runs. */
export interface RunsSection extends SectionBase {
  readonly kind: 'runs';
  /** What a run counts: `records`, `cells`. */
  readonly unit: string;
  /** Newest first. */
  readonly runs: readonly RunEntry[];
  /** How many there are in all. */
  readonly total: number;
}

/** One run. */
export interface RunEntry {
  readonly runId: string;
  readonly command: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: RunOutcome;
  /** What it read, in the section's unit. */
  readonly read: number;
  /** What of that became data. */
  readonly accepted: number;
  /** What happened that somebody should know: an error, a file that was refused. */
  readonly note: string | null;
}

/** What a check found. */
export const checkOutcomes = ['failed', 'error', 'warned', 'skipped', 'passed'] as const;

/** A member of {@link checkOutcomes}. */
export type CheckOutcome = (typeof checkOutcomes)[number];

/** What was expected of the data, and found. */
export interface ChecksSection extends SectionBase {
  readonly kind: 'checks';
  /** Each check once, with its newest result. */
  readonly checks: readonly CheckEntry[];
}

/** The newest result of a check, and those before it. */
export interface CheckEntry {
  readonly id: string;
  readonly outcome: CheckOutcome;
  readonly expected: string | null;
  readonly observed: string | null;
  /** How many rows failed; null where the check counts none. */
  readonly failing: number | null;
  readonly message: string;
  readonly checkedAt: Date | null;
  /** Earlier results and this one, oldest first, where they are numbers. */
  readonly trend: readonly TrendPoint[];
}

/** What a check found once. */
export interface TrendPoint {
  readonly at: Date;
  readonly value: number;
  readonly outcome: CheckOutcome;
}

/** How a cell of a calendar looks: by the coverage state that it has, or is like. */
export const cellStyles = [
  'present',
  'not_expected',
  'withdrawn',
  'unavailable',
  'quarantined',
  'not_due',
  'late',
  'not_collected',
  'not_provided',
] as const;

/** A member of {@link cellStyles}. */
export type CellStyle = (typeof cellStyles)[number];

/** What is there of what should be, of one dataset. */
export interface CoverageSection extends SectionBase {
  readonly kind: 'coverage';
  /** What it is the coverage of; empty where the page has only one. */
  readonly subject: string;
  /** One sentence that says it all, with numbers. */
  readonly summary: string;
  /** What is counted: `cells`, `days`. */
  readonly unit: string;
  /** What a row is: `series`, `month`. */
  readonly rowName: string;
  /** What a column is: `day`. */
  readonly columnName: string;
  readonly states: readonly StateSum[];
  readonly columns: readonly GridColumn[];
  readonly rows: readonly GridRow[];
  readonly gaps: readonly CoverageGap[];
}

/** How much is in one state. */
export interface StateSum {
  readonly style: CellStyle;
  readonly label: string;
  readonly meaning: string;
  readonly count: number;
}

/** A column of the calendar. */
export interface GridColumn {
  /** Above the column; more than one line is possible. */
  readonly label: readonly string[];
  /** Written once above the columns that share it: the month. */
  readonly group: string;
}

/** A row of the calendar. */
export interface GridRow {
  readonly label: string;
  readonly cells: readonly GridCell[];
}

/** One cell of the calendar: what it is at worst. */
export interface GridCell {
  /** Index into the columns. */
  readonly column: number;
  readonly style: CellStyle;
  /** Whether only a part of the cell is so, and the rest better. */
  readonly isPartial: boolean;
}

/** Something that is not there, in words. */
export interface CoverageGap {
  readonly subject: string;
  readonly from: string;
  /** Included. */
  readonly to: string;
  readonly style: CellStyle;
  readonly state: string;
  readonly count: number;
  readonly reason: string | null;
}

/** What changed after it was first known. */
export interface RevisionsSection extends SectionBase {
  readonly kind: 'revisions';
  readonly subject: string;
  readonly unit: string;
  readonly total: number;
  /** By the day on which the changes were learned, ascending, without holes. */
  readonly days: readonly RevisionDay[];
  /** The newest, newest first. */
  readonly newest: readonly RevisionEntry[];
}

/** The changes that were learned on a day. */
export interface RevisionDay {
  readonly day: string;
  readonly changed: number;
  readonly withdrawn: number;
}

/** One change. */
export interface RevisionEntry {
  readonly subject: string;
  readonly deliveryStart: Date;
  readonly oldValue: number | null;
  readonly newValue: number | null;
  readonly isWithdrawn: boolean;
  readonly knownFrom: Date;
}

/** Counts by week, against their mean. */
export interface WeeksSection extends SectionBase {
  readonly kind: 'weeks';
  readonly unit: string;
  /** Ascending, without holes: a week that has none has null. */
  readonly weeks: readonly WeekCount[];
  /** Of all weeks that have any, also those that are not shown. */
  readonly mean: number;
  /** How far off the mean is too far, as a share of it. */
  readonly tolerance: number;
}

/** One week. */
export interface WeekCount {
  readonly label: string;
  readonly count: number | null;
  readonly isOutlier: boolean;
}

/** What was held back, and is still. */
export interface QuarantineSection extends SectionBase {
  readonly kind: 'quarantine';
  readonly open: number;
  readonly reasons: readonly { readonly reason: string; readonly entries: number }[];
  readonly samples: readonly QuarantineSample[];
}

/** One entry, as it came. */
export interface QuarantineSample {
  readonly id: string;
  readonly place: string;
  readonly reason: string;
  readonly message: string;
  /** Null where it was not kept. */
  readonly raw: string | null;
}

/** What is known not to come. */
export interface AbsencesSection extends SectionBase {
  readonly kind: 'absences';
  readonly absences: readonly AbsenceEntry[];
}

/** One absence that somebody recorded. */
export interface AbsenceEntry {
  readonly subject: string;
  readonly period: string;
  readonly reason: string;
  readonly evidence: string | null;
  readonly recordedBy: string | null;
  readonly recordedAt: Date;
}
