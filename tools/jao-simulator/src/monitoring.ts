import { daysOfWindow, dayStartMs } from './business-day.ts';
import type { BusinessDay } from './business-day.ts';
import { instantText } from './answer-row.ts';
import { simulatedDatasets } from './dataset.ts';
import type { SimulatedDataset } from './dataset.ts';
import { dueAtMs } from './publication-calendar.ts';
import type { PublicationCalendar } from './publication-calendar.ts';
import type { Window } from './window.ts';

/** Pages that the simulator lists and does not serve, by region; they come out when the named page does. */
const unservedPages: Readonly<Record<string, readonly string[]>> = {
  core: [
    'Initial Computation (Virgin Domain)',
    'Pre-Final Computation (Early Publication)',
    'Final Computation',
    'Remedial Action Preventive (PRA)',
    'Remedial Action Curative (CRA)',
    'Validation Reductions',
    'LTN',
    'LTA',
    'Bilateral Exchange Restrictions',
    'Allocation Constraints',
    'D2CF',
    'Refprog',
    'Reference Net Position',
    'Shadow Auction ATC',
    'Shadow Prices',
    'Active LTA Constraints',
    'Congestion Income',
    'Intraday ATC',
    'Intraday NTC',
    'Spanning/DFP',
    'Alpha Factor',
    'Static Grid Model',
  ],
};

/** The rows of `/<region>/api/system/monitoring`: one for each page and business day that starts in the window. */
export function monitoringText({
  calendar,
  region,
  window: { fromMs, toMs },
  atMs,
}: {
  readonly calendar: PublicationCalendar;
  readonly region: string;
  readonly window: Window;
  readonly atMs: number;
}): string {
  const served = simulatedDatasets.filter((dataset) => dataset.region === region);
  const [first] = served;
  const listed = [
    ...served.map((dataset) => ({ page: dataset.page, dataset })),
    ...(unservedPages[region] ?? []).flatMap((page) => (first ? [{ page, dataset: first }] : [])),
  ];
  const days = daysOfWindow(fromMs, toMs).filter((day) => dayStartMs(day) >= fromMs);
  const rows = days.flatMap((day) =>
    listed.map((entry) => monitoringRow({ ...entry, calendar, day, atMs })),
  );
  return `{"data":[${rows.join(',')}],"rejected":false,"messages":null}`;
}

/** Whether the service has the region. */
export function isRegion(region: string): boolean {
  return simulatedDatasets.some((dataset) => dataset.region === region);
}

function monitoringRow({
  calendar,
  dataset,
  page,
  day,
  atMs,
}: {
  readonly calendar: PublicationCalendar;
  readonly dataset: SimulatedDataset;
  readonly page: string;
  readonly day: BusinessDay;
  readonly atMs: number;
}): string {
  const count = calendar.countAt(dataset, day, atMs);
  const newest = calendar.publicationsOf(dataset, day)[count - 1];
  const deadlineMs = dueAtMs(dataset, day);
  const late = atMs < deadlineMs ? 'Expected' : 'Pending';
  const fields = [
    `"page":${JSON.stringify(page)}`,
    `"status":"${newest === undefined ? late : 'Received'}"`,
    `"businessDayUtc":${instantText(dayStartMs(day))}`,
    `"deadline":${instantText(deadlineMs)}`,
    `"lastModifiedOn":${newest === undefined ? 'null' : instantText(newest.atMs)}`,
  ];
  return `{${fields.join(',')}}`;
}
