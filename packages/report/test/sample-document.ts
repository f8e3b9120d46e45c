import type {
  CellStyle,
  CheckOutcome,
  CoverageSection,
  GridCell,
  ReportDocument,
  RunEntry,
  RunOutcome,
} from '../src/index.ts';

const dayMs = 86_400_000;
const asOf = new Date('2026-04-01T09:30:00Z');

/** How large a sample is, and what names in it are made of. */
export interface SampleOptions {
  /** @default 24 */
  readonly rows?: number;
  /** @default 31 */
  readonly columns?: number;
  /** @default 50 */
  readonly runs?: number;
  /** Put into every text that comes out of data. */
  readonly hostile?: string;
}

/** A page with something of everything, always the same. */
export function sampleDocument({
  rows = 24,
  columns = 31,
  runs = 50,
  hostile = '',
}: SampleOptions = {}): ReportDocument {
  const named = (text: string): string => `${text}${hostile}`;
  return {
    app: 'jao-scraper',
    appVersion: '0.1.0',
    title: named('core/maxExchanges'),
    source: named('postgres at db.example.org:5432/market'),
    asOf,
    createdAt: new Date('2026-04-01T09:30:02Z'),
    verdict: {
      tone: 'bad',
      sentence: named(
        'The last run succeeded at 2026-04-01 09:12 UTC; 99.2 % of the 100,440 cells that are due are there, 720 were not collected and 24 not provided.',
      ),
    },
    figures: [
      { label: 'Complete', figure: '99.2 %', note: '99,696 of 100,440 cells', tone: 'caution' },
      { label: 'Collection rate', figure: '99.3 %', note: 'what was there, and was asked for' },
      { label: 'Runs', figure: String(runs), note: '2 failed', tone: 'bad' },
      { label: 'Checks not passed', figure: '2 of 5', tone: 'bad' },
      { label: 'Open quarantine', figure: '3', note: 'oldest since 2026-03-30' },
    ],
    sections: [
      sampleCoverage(rows, columns, named),
      {
        kind: 'runs',
        unit: 'cells',
        runs: Array.from({ length: runs }, (_, index) => sampleRun(index, named)),
        total: runs + 12,
        emptyHint: 'Nothing ran yet.',
      },
      {
        kind: 'checks',
        checks: (['passed', 'warned', 'failed', 'error', 'skipped'] as const).map((outcome) => ({
          id: named(`votes.${outcome}.example`),
          outcome,
          expected: named('no more than 0 rows'),
          observed: named('3'),
          failing: outcome === 'skipped' ? null : 3,
          message: named('3 rows have no UserId although their type is 5'),
          checkedAt: asOf,
          trend: sampleTrend(outcome),
        })),
        emptyHint: 'No checks.',
      },
      {
        kind: 'revisions',
        subject: named('core/maxExchanges'),
        unit: 'MW',
        total: 240,
        days: Array.from({ length: 20 }, (_, index) => ({
          day: new Date(asOf.getTime() - (19 - index) * dayMs).toISOString().slice(0, 10),
          changed: ((index * 7) % 23) + 4,
          withdrawn: index % 5 === 0 ? (index * 7) % 4 : 0,
        })),
        newest: [
          {
            subject: named('border_AT_DE'),
            deliveryStart: asOf,
            oldValue: 1234.5,
            newValue: null,
            isWithdrawn: true,
            knownFrom: asOf,
          },
        ],
        emptyHint: 'Nothing was revised.',
      },
      {
        kind: 'weeks',
        unit: 'votes',
        mean: 1_000,
        tolerance: 0.2,
        weeks: Array.from({ length: 60 }, (_, index) => {
          const count = index === 30 ? null : 1_000 + Math.round(260 * Math.sin(index / 3));
          return {
            label: `2025-W${String(index).padStart(2, '0')}`,
            count,
            isOutlier: count !== null && Math.abs(count - 1_000) > 200,
          };
        }),
        emptyHint: 'No votes.',
      },
      {
        kind: 'quarantine',
        open: 3,
        reasons: [{ reason: named('bad_timestamp'), entries: 3 }],
        samples: [1, 2, 3].map((id) => ({
          id: String(id),
          place: named('incoming/votes.jsonl, line 12'),
          reason: named('bad_timestamp'),
          message: named('CreationDate "2021-02-30" is no calendar day'),
          raw: named(`{"Id":${id},"CreationDate":"2021-02-30"}`),
        })),
        emptyHint: 'Nothing is held back.',
      },
      {
        kind: 'absences',
        absences: [
          {
            subject: named('border_AT_DE'),
            period: '2026-03-01 to 2026-03-02',
            reason: named('maintenance'),
            evidence: named('notice 12'),
            recordedBy: named('anna'),
            recordedAt: asOf,
          },
        ],
        emptyHint: 'None is on record.',
      },
    ],
  };
}

function sampleRun(index: number, named: (text: string) => string): RunEntry {
  const outcome: RunOutcome =
    index === 0
      ? 'running'
      : index % 17 === 5
        ? 'failed'
        : index % 23 === 9
          ? 'abandoned'
          : 'succeeded';
  const startedAt = new Date(asOf.getTime() - index * 11 * 3_600_000);
  return {
    runId: `01a1fd47-fda3-7a40-8da0-${String(index).padStart(12, '0')}`,
    command: named('backfill'),
    startedAt,
    endedAt:
      outcome === 'running'
        ? null
        : new Date(startedAt.getTime() + 900 + ((index * 7_919) % 60_000)),
    outcome,
    read: outcome === 'failed' ? 0 : 2_400 + ((index * 104_729) % 9_000),
    accepted: 2_400,
    note: outcome === 'failed' ? named('the service answered 503 five times') : null,
  };
}

function sampleTrend(outcome: CheckOutcome) {
  return Array.from({ length: 30 }, (_, index) => ({
    at: new Date(asOf.getTime() - (29 - index) * dayMs),
    value: Math.round(20 + 12 * Math.sin(index / 2.3) + (index % 5)),
    outcome: index === 29 ? outcome : ('passed' as const),
  }));
}

const states: readonly (readonly [CellStyle, number, string])[] = [
  ['present', 99_696, 'there is a value'],
  ['withdrawn', 12, 'it was there, and the source took it back'],
  ['unavailable', 40, 'the source says that there is none'],
  ['quarantined', 6, 'it came, and broke its contract'],
  ['not_due', 3_168, 'it is still to come'],
  ['late', 24, 'due, and within grace'],
  ['not_collected', 720, 'nobody asked for it after it was due'],
  ['not_provided', 24, 'the source was asked, and had none'],
];

function sampleCoverage(
  rowCount: number,
  columnCount: number,
  named: (text: string) => string,
): CoverageSection {
  const cell = (row: number, column: number): GridCell => {
    const style: CellStyle =
      column >= columnCount - 1
        ? 'not_due'
        : column === 12
          ? 'not_collected'
          : row % 9 === 4 && column > 20
            ? 'unavailable'
            : (row * 31 + column * 17) % 101 === 3
              ? 'not_provided'
              : (row * 13 + column * 7) % 97 === 5
                ? 'withdrawn'
                : (row + column) % 89 === 60
                  ? 'quarantined'
                  : column === columnCount - 2 && row % 4 === 0
                    ? 'late'
                    : 'present';
    return { column, style, isPartial: style === 'not_provided' || style === 'withdrawn' };
  };
  return {
    kind: 'coverage',
    subject: named('core/maxExchanges'),
    summary: named('99.2 % of the 100,440 cells that are due are there.'),
    unit: 'cells',
    rowName: 'series',
    columnName: 'business day',
    states: states.map(([style, count, meaning]) => ({
      style,
      label: style.replace('_', ' '),
      meaning: named(meaning),
      count,
    })),
    columns: Array.from({ length: columnCount }, (_, index) => {
      const day = new Date(Date.UTC(2026, 1, 20) + index * dayMs);
      return {
        label: ['SMTWTFS'[day.getUTCDay()] ?? '', String(day.getUTCDate())],
        group: day.toISOString().slice(0, 7),
      };
    }),
    rows: Array.from({ length: rowCount }, (_, row) => ({
      label: named(`border_A${row}_B${(row * 7) % rowCount}`),
      cells: Array.from({ length: columnCount }, (_cell, column) => cell(row, column)),
    })),
    gaps: [
      {
        subject: named('border_A0_B0'),
        from: '2026-03-04',
        to: '2026-03-04',
        style: 'not_collected',
        state: 'not collected',
        count: 24,
        reason: named('never asked for'),
      },
    ],
    emptyHint: 'Nothing was ever asked for.',
  };
}
