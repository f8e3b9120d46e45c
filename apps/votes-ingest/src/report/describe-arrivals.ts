import { formatCount, formatCountOf, formatShare } from '@sluice/report';
import type { CoverageGap, CoverageSection } from '@sluice/report';
import { fileStates } from '@sluice/schemas';
import type { CoveredFile, FileState } from '@sluice/schemas';

import { countStates } from '../file-coverage/arrival-status.ts';
import { dayColumns, monthRows } from './month-grid.ts';

/** Three years of days. */
const newestMonths = 36;
const maxGaps = 50;

/** What a state of an expected file is called, and means, on a page. */
const fileWords: Readonly<Record<FileState, { readonly label: string; readonly meaning: string }>> =
  {
    present: { label: 'present', meaning: 'its content is in the warehouse' },
    not_expected: { label: 'not expected', meaning: 'the plan excepts the day' },
    quarantined: { label: 'quarantined', meaning: 'it came, and was refused' },
    not_due: { label: 'not due', meaning: 'it is still to come' },
    late: { label: 'late', meaning: 'it is due, and within its grace' },
    not_provided: {
      label: 'not provided',
      meaning: 'somebody looked for files after it was due, and it was not there',
    },
    not_collected: { label: 'not collected', meaning: 'nobody has looked since it was due' },
  };

/** States that ask for no explanation. */
const quietStates: ReadonlySet<FileState> = new Set(['present', 'not_expected', 'not_due']);
/** From the worst on. */
const lackingStates = fileStates.filter((state) => !quietStates.has(state)).toReversed();

/** The files that a plan expects, with their states; in the order of their days. */
export interface ArrivalFacts {
  /** The pattern of their names. */
  readonly file: string;
  readonly files: readonly CoveredFile[];
}

/** Which expected files are there: a row for each month, a column for each of the days that they cover. */
export function describeArrivals(arrivals: ArrivalFacts): CoverageSection {
  const { file, files } = arrivals;
  const counts = countStates(files);
  const first = files.at(0)?.firstDay ?? '';
  const last = files.at(-1)?.lastDay ?? '';
  const from = laterOf(first, monthBefore(last, newestMonths - 1));
  const gaps = listGaps(arrivals);
  return {
    kind: 'coverage',
    subject: 'expected files',
    summary: `${summarizeArrivals(files)} They are named ${file}.`,
    unit: 'files',
    rowName: 'months',
    columnName: 'day of the month',
    states: fileStates.map((state) => ({
      style: state,
      ...fileWords[state],
      count: counts[state],
    })),
    columns: dayColumns,
    rows: files.length === 0 ? [] : monthRows({ from, to: last }, styleFinder(files)),
    gaps: gaps.slice(0, maxGaps),
    emptyHint: `No file is expected yet; they are named ${file}.`,
    notes: [
      ...(from === first
        ? []
        : [`The calendar begins with ${from}; the sums are of all files from ${first} on.`]),
      ...(gaps.length > maxGaps
        ? [
            `These are the newest ${formatCount(maxGaps)} of ${formatCount(gaps.length)} gaps; votes-ingest coverage --format json has all files.`,
          ]
        : []),
    ],
  };
}

/** One sentence: how many of the files that are due are there, and what is with the others. */
export function summarizeArrivals(files: readonly CoveredFile[]): string {
  const counts = countStates(files);
  const due = files.length - counts.not_expected - counts.not_due;
  if (due === 0) {
    return 'No file is due yet.';
  }
  const collected = counts.present + counts.quarantined;
  const rate = formatShare(collected, collected + counts.late + counts.not_collected);
  const lacking = lackingStates.flatMap((state) =>
    counts[state] === 0
      ? []
      : `${formatCount(counts[state])} ${counts[state] === 1 ? 'is' : 'are'} ${fileWords[state].label}`,
  );
  const there =
    `${formatCount(counts.present)} of ${formatCountOf(due, 'file that is due is', 'files that are due are')} ` +
    `there (${String(formatShare(counts.present, due))})`;
  const came = rate === null ? [] : [`of what the source had ${rate} came`];
  return `${[there, ...lacking, ...came].join('; ')}.`;
}

function styleFinder(files: readonly CoveredFile[]): (day: string) => FileState | undefined {
  let index = 0;
  // Days are asked for in order, as files are.
  return (day) => {
    while ((files[index]?.lastDay ?? '9999-12-31') < day) {
      index += 1;
    }
    const file = files[index];
    return file !== undefined && file.firstDay <= day ? file.state : undefined;
  };
}

/** Files in a row that are in one state are one gap; the newest come first. */
function listGaps({ file, files }: ArrivalFacts): CoverageGap[] {
  const gaps: CoverageGap[] = [];
  let before: FileState | undefined;
  for (const { firstDay, lastDay, state, reason } of files) {
    if (quietStates.has(state)) {
      before = state;
      continue;
    }
    const open = state === before ? gaps.pop() : undefined;
    before = state;
    gaps.push({
      subject: file,
      from: open?.from ?? firstDay,
      to: lastDay,
      style: state,
      state: fileWords[state].label,
      count: (open?.count ?? 0) + 1,
      reason,
    });
  }
  return gaps.toReversed();
}

/** The first day of the month so many months before that of a day. */
function monthBefore(day: string, months: number): string {
  const index = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 - months;
  const year = String(Math.max(1, Math.floor(index / 12))).padStart(4, '0');
  return `${year}-${String((((index % 12) + 12) % 12) + 1).padStart(2, '0')}-01`;
}

function laterOf(left: string, right: string): string {
  return left > right ? left : right;
}
