import {
  anyKeys,
  congestionIncomeTime,
  dueOnTheDay,
  dueTheDayBefore,
  finalDomainTime,
  hourly,
  hubKeys,
  marketResultTime,
  pairKeys,
  quarterHourly,
  quarterHourlySinceOctober2025,
} from './dataset-facts.ts';
import { sourced } from './dataset-group.ts';
import type { DatasetGroup } from './dataset-group.ts';

const nordic = {
  region: 'nordic',
  firstBusinessDay: sourced('told', '2024-10-30'),
  unit: sourced('told', 'MW'),
  publication: dueTheDayBefore(finalDomainTime, 'assumed'),
} as const;

/**
 * Nordic day-ahead. The capacity pages are quarter-hourly now, and were hourly "before October or
 * December 2025": the day is uncertain, so the step counts as assumed.
 */
export const nordicGroups: readonly DatasetGroup[] = [
  {
    ...nordic,
    steps: sourced('assumed', quarterHourlySinceOctober2025),
    keyPattern: pairKeys('border'),
    datasets: {
      maxExchanges: 'Max bilateral exchange (MaxBex) of each directed zone pair',
      maxBorderFlow: 'Max flow over each border',
    },
  },
  {
    ...nordic,
    steps: sourced('assumed', quarterHourlySinceOctober2025),
    keyPattern: hubKeys('min', 'max'),
    datasets: { maxNetPos: 'Min and max net position of each hub' },
  },
  {
    ...nordic,
    steps: sourced('told', hourly),
    keyPattern: anyKeys,
    datasets: { cgmForeCast: 'Common grid model forecast: load, generation, net position' },
  },
  {
    ...nordic,
    steps: sourced('told', hourly),
    keyPattern: pairKeys('border'),
    datasets: { refprog: 'Reference programme' },
  },
  {
    ...nordic,
    unit: sourced('assumed', 'EUR'),
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(congestionIncomeTime, 'assumed'),
    keyPattern: anyKeys,
    datasets: { congestionIncome: 'Congestion income of the day-ahead auction' },
  },
  {
    // One probe of 2025 got no rows, so that even the step is a guess.
    ...nordic,
    steps: sourced('assumed', quarterHourlySinceOctober2025),
    publication: dueTheDayBefore(marketResultTime, 'assumed'),
    keyPattern: anyKeys,
    datasets: { netPos: 'Net positions that the day-ahead auction gave' },
  },
];

/** A public client of the region's pages reads them from this day on. */
const italyNorth = { region: 'ibwt', firstBusinessDay: sourced('assumed', '2025-01-01') } as const;
const megawatts = sourced('assumed', 'MW');
const dayAhead = { ...italyNorth, steps: sourced('assumed', quarterHourlySinceOctober2025) };
/** The intraday auctions; see the Core region's for their times. */
const auctions = [
  { name: 'ID1', publication: dueTheDayBefore('16:00', 'assumed') },
  { name: 'ID2', publication: dueTheDayBefore('23:00', 'assumed') },
  { name: 'ID3', publication: dueOnTheDay('11:00', 'assumed') },
] as const;

/**
 * Italian borders working table. Not here are the network elements (CCR_cnecInfo, CCR_idCnecInfo), and
 * the forecasts (CCR_forecasted, CCR_idForecasted), whose rows no source shows.
 */
export const italyNorthGroups: readonly DatasetGroup[] = [
  {
    ...dayAhead,
    unit: megawatts,
    publication: dueTheDayBefore(finalDomainTime, 'assumed'),
    keyPattern: anyKeys,
    // Says in words what limited the capacity.
    otherFields: ['ttc_LimitedBy'],
    datasets: {
      CCR_FinalTtcNtc: 'Final total and net transfer capacity, day-ahead',
      CCR_idFinalTtcNtc: 'Final total and net transfer capacity, intraday',
    },
  },
  {
    ...italyNorth,
    unit: megawatts,
    // A public client reads them hourly; whether they are, or went to quarters too, no source shows.
    steps: sourced('assumed', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'assumed'),
    keyPattern: anyKeys,
    datasets: {
      CCR_allocationConstraint: 'Allocation constraint, day-ahead; 99999 is none',
      CCR_idAllocationConstraint: 'Allocation constraint, intraday; 99999 is none',
    },
  },
  {
    ...dayAhead,
    unit: megawatts,
    publication: dueTheDayBefore(marketResultTime, 'assumed'),
    keyPattern: pairKeys('border'),
    datasets: {
      DA_atc: 'Day-ahead available transfer capacity',
      DA_scheduledExchanges: 'Exchanges that the day-ahead auction scheduled',
    },
  },
  {
    ...dayAhead,
    unit: sourced('assumed', 'EUR/MWh'),
    publication: dueTheDayBefore(marketResultTime, 'assumed'),
    keyPattern: pairKeys('border'),
    datasets: { DA_priceSpread: 'Day-ahead price spread: price of B less that of A' },
  },
  {
    ...dayAhead,
    unit: sourced('assumed', 'EUR'),
    publication: dueTheDayBefore(marketResultTime, 'assumed'),
    keyPattern: pairKeys('grossBorder', 'netBorder'),
    datasets: { DA_congestionIncome: 'Congestion income of the day-ahead auction' },
  },
  ...auctions.flatMap(({ name, publication }): DatasetGroup[] => [
    {
      ...italyNorth,
      unit: sourced('assumed', 'EUR/MWh'),
      steps: sourced('assumed', quarterHourly),
      publication,
      keyPattern: pairKeys('border'),
      datasets: { [`${name}_priceSpread`]: `Intraday auction IDA${name.slice(-1)}: price spread` },
    },
    {
      ...italyNorth,
      unit: sourced('assumed', 'EUR'),
      steps: sourced('assumed', quarterHourly),
      publication,
      keyPattern: pairKeys('grossBorder', 'netBorder'),
      datasets: {
        [`${name}_congestionIncome`]: `Intraday auction IDA${name.slice(-1)}: congestion income`,
      },
    },
  ]),
];

/** South-west Europe. The page says "since 2022-09"; the day is assumed. */
export const southWestGroups: readonly DatasetGroup[] = [
  {
    region: 'swe',
    unit: sourced('told', 'MW'),
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'assumed'),
    firstBusinessDay: sourced('assumed', '2022-09-01'),
    keyPattern: pairKeys('finalNtc', 'antc'),
    datasets: { Adjustment: 'Final net transfer capacity of the borders ES-FR and ES-PT' },
  },
];
