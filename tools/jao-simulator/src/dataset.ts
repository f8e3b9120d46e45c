import { addDays, deliveryStarts } from './business-day.ts';
import type { BusinessDay } from './business-day.ts';
import type { ValueShape } from './cell-value.ts';
import {
  atcKeys,
  intradayMaxExchangeKeys,
  italianKeys,
  maxExchangeKeys,
  maxNetPositionKeys,
  netPositionKeys,
  priceSpreadKeys,
  scheduledExchangeKeys,
} from './core-keys.ts';
import { nordicKeys } from './nordic-keys.ts';

/** One page of the service, as the simulator knows it. */
export interface SimulatedDataset {
  /** `core/maxExchanges` */
  readonly name: string;
  readonly region: string;
  /** What the monitoring page calls it. */
  readonly page: string;
  /** When it is published, local time on the day before delivery. */
  readonly dueTime: string;
  readonly firstBusinessDay: BusinessDay;
  /** The first delivery day with rows of 15 minutes; hourly before, and always without it. */
  readonly quarterHourlyFrom?: BusinessDay;
  /** The keys of a delivery day in the order of a row. */
  readonly keysOn: (day: BusinessDay) => readonly string[];
  /** Keys that are null in every row. */
  readonly nullKeys?: readonly string[];
  readonly shape: ValueShape;
  /** Rows end with `lastModifiedOn`. */
  readonly hasLastModifiedOn?: boolean;
}

/** The day on which the day-ahead market, and with it most pages, moved to quarters of an hour. */
const quarterHourlyMarketFrom: BusinessDay = '2025-10-01';

const coreSince: BusinessDay = '2022-06-09';
const megawatts = { low: 0, high: 9_000, decimals: 0, form: 'float' } as const;
const netPositions = { low: -9_000, high: 9_000, decimals: 1, form: 'float' } as const;

/** Every page that the simulator serves; any other is answered with 404. */
export const simulatedDatasets: readonly SimulatedDataset[] = [
  {
    name: 'core/maxExchanges',
    region: 'core',
    page: 'Max Exchanges (MaxBex)',
    dueTime: '10:30',
    firstBusinessDay: coreSince,
    keysOn: maxExchangeKeys,
    shape: megawatts,
  },
  {
    name: 'core/maxNetPos',
    region: 'core',
    page: 'Max Net Positions',
    dueTime: '10:30',
    firstBusinessDay: coreSince,
    keysOn: maxNetPositionKeys,
    shape: { ...megawatts, negativePrefix: 'min' },
  },
  {
    name: 'core/netPos',
    region: 'core',
    page: 'Net Positions',
    dueTime: '15:50',
    firstBusinessDay: coreSince,
    quarterHourlyFrom: quarterHourlyMarketFrom,
    keysOn: netPositionKeys,
    shape: netPositions,
  },
  {
    name: 'core/scheduledExchanges',
    region: 'core',
    page: 'Scheduled Exchanges',
    dueTime: '15:50',
    firstBusinessDay: coreSince,
    quarterHourlyFrom: quarterHourlyMarketFrom,
    keysOn: scheduledExchangeKeys,
    shape: { low: 0, high: 5_000, decimals: 1, form: 'float' },
  },
  {
    name: 'core/atc',
    region: 'core',
    page: 'ATC on Core External Borders',
    dueTime: '10:30',
    firstBusinessDay: coreSince,
    quarterHourlyFrom: quarterHourlyMarketFrom,
    keysOn: atcKeys,
    nullKeys: italianKeys,
    shape: { low: 0, high: 3_000, decimals: 0, form: 'int' },
  },
  {
    name: 'core/priceSpread',
    region: 'core',
    page: 'Price Spread',
    dueTime: '15:50',
    firstBusinessDay: coreSince,
    quarterHourlyFrom: quarterHourlyMarketFrom,
    keysOn: priceSpreadKeys,
    shape: { low: -150, high: 150, decimals: 2, form: 'float' },
  },
  {
    name: 'coreID/IDCCB_maxExchanges',
    region: 'coreID',
    page: 'IDCC(b) Max Exchanges (MaxBex)',
    dueTime: '22:30',
    firstBusinessDay: '2024-06-14',
    keysOn: intradayMaxExchangeKeys,
    shape: megawatts,
  },
  {
    name: 'nordic/maxExchanges',
    region: 'nordic',
    page: 'Max Exchanges (MaxBex)',
    dueTime: '10:30',
    firstBusinessDay: '2024-10-30',
    quarterHourlyFrom: quarterHourlyMarketFrom,
    keysOn: nordicKeys,
    shape: { low: 0, high: 7_000, decimals: 1, form: 'float' },
    hasLastModifiedOn: true,
  },
  {
    name: 'swe/Adjustment',
    region: 'swe',
    page: 'Adjustment',
    dueTime: '10:30',
    firstBusinessDay: '2022-09-01',
    keysOn: () => sweKeys,
    shape: { low: 0, high: 4_500, decimals: 0, form: 'int' },
  },
];

const sweKeys = ['finalNtc', 'antc'].flatMap((kind) =>
  ['ES_FR', 'FR_ES', 'ES_PT', 'PT_ES'].map((border) => `${kind}_${border}`),
);

/** The dataset of a name, `core/maxExchanges`, if the simulator serves it. */
export function findDataset(name: string): SimulatedDataset | undefined {
  return simulatedDatasets.find((dataset) => dataset.name === name);
}

/** @throws {RangeError} when the simulator does not serve `name`. */
export function datasetOf(name: string): SimulatedDataset {
  const dataset = findDataset(name);
  if (dataset === undefined) {
    const names = simulatedDatasets.map((known) => known.name).join(', ');
    throw new RangeError(`dataset: expected one of ${names}, received '${name}'`);
  }
  return dataset;
}

/** Where the delivery periods of a day of the dataset start, ascending, in UTC epoch milliseconds. */
export function deliveryStartsOf(dataset: SimulatedDataset, day: BusinessDay): number[] {
  const { quarterHourlyFrom } = dataset;
  const isQuarterHourly = quarterHourlyFrom !== undefined && day >= quarterHourlyFrom;
  return deliveryStarts(day, isQuarterHourly ? 15 : 60);
}

/** The day before delivery, on which a day is published. */
export function publicationDayOf(day: BusinessDay): BusinessDay {
  return addDays(day, -1);
}
