import {
  anyKeys,
  congestionIncomeTime,
  dueTheDayBefore,
  finalDomainTime,
  hourly,
  hubKeys,
  marketResultTime,
  pairKeys,
  quarterHourlySinceOctober2025,
  shadowPriceTime,
} from './dataset-facts.ts';
import { sourced } from './dataset-group.ts';
import type { DatasetGroup } from './dataset-group.ts';

/** What all datasets of the region share; Core day-ahead coupling began with this day (told). */
const core = {
  region: 'core',
  firstBusinessDay: sourced('told', '2022-06-09'),
  unit: sourced('told', 'MW'),
} as const;

/** The last deadline of the day, for what intraday pages say: no source gives theirs. */
const intradayTime = '22:00';

/**
 * Core day-ahead capacity calculation. Not here are the pages whose rows are network elements, remedial
 * actions or events: initialComputation, preFinalComputation, finalComputation, validationReductions,
 * pra, cra, shadowPrices, spanningDefaultFBP and monitoring.
 */
export const coreGroups: readonly DatasetGroup[] = [
  {
    ...core,
    steps: sourced('seen', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'told'),
    keyPattern: pairKeys('border'),
    datasets: {
      maxExchanges:
        'Max bilateral exchange (MaxBex) of each directed zone pair in the final flow-based domain, all other exchanges zero; not feasible at the same time',
    },
  },
  {
    ...core,
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'told'),
    keyPattern: hubKeys('min', 'max'),
    datasets: { maxNetPos: 'Min and max net position of each hub' },
  },
  {
    ...core,
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'told'),
    keyPattern: pairKeys('border'),
    datasets: {
      ltn: 'Long-term nominations',
      lta: 'Long-term allocations',
      refprog: 'Reference programme: exchanges that the grid models assume',
    },
  },
  {
    ...core,
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'told'),
    keyPattern: hubKeys('verticalLoad', 'generation', 'coreNetPosition'),
    datasets: { d2CF: 'Two-days-ahead congestion forecast: load, generation, net position' },
  },
  {
    ...core,
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'assumed'),
    keyPattern: pairKeys('border'),
    datasets: { bexRestrictions: 'Restrictions of bilateral exchanges' },
  },
  {
    ...core,
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'assumed'),
    keyPattern: hubKeys('limitDown', 'limitUp'),
    datasets: { allocationConstraint: 'Import (limitDown) and export (limitUp) limits of hubs' },
  },
  {
    ...core,
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'assumed'),
    keyPattern: hubKeys('globalNetPosition'),
    datasets: { referenceNetPosition: 'Net positions that the reference programme assumes' },
  },
  {
    ...core,
    steps: sourced('seen', quarterHourlySinceOctober2025),
    publication: dueTheDayBefore(finalDomainTime, 'told'),
    keyPattern: pairKeys('border'),
    datasets: { atc: 'Available transfer capacity of Core external borders and ALEGrO' },
  },
  {
    // Seen hourly on the first days of the quarter-hourly market, so not of one step with it.
    ...core,
    steps: sourced('seen', hourly),
    publication: dueTheDayBefore(shadowPriceTime, 'assumed'),
    keyPattern: pairKeys('border'),
    datasets: {
      shadowAuctionATC: 'Available transfer capacity for shadow auctions, the fallback of coupling',
    },
  },
  {
    ...core,
    unit: sourced('told', 'EUR/MW'),
    unitOverrides: [{ keyPrefix: 'qty_', unit: 'MW' }],
    steps: sourced('assumed', quarterHourlySinceOctober2025),
    publication: dueTheDayBefore(shadowPriceTime, 'assumed'),
    keyPattern: pairKeys('shadowPrice', 'qty'),
    datasets: {
      activeLtaConstraint: 'Constraints of the long-term allocation domain that were active',
    },
  },
  {
    ...core,
    unit: sourced('told', 'EUR'),
    steps: sourced('assumed', quarterHourlySinceOctober2025),
    publication: dueTheDayBefore(congestionIncomeTime, 'told'),
    keyPattern: hubKeys('grossHub', 'grossTso', 'netHub', 'netTso', 'grossBorder', 'netBorder'),
    datasets: { congestionIncome: 'Congestion income of the day-ahead auction' },
  },
  {
    ...core,
    steps: sourced('seen', quarterHourlySinceOctober2025),
    publication: dueTheDayBefore(marketResultTime, 'told'),
    keyPattern: pairKeys('border'),
    datasets: { scheduledExchanges: 'Exchanges that the day-ahead auction scheduled' },
  },
  {
    ...core,
    steps: sourced('told', quarterHourlySinceOctober2025),
    publication: dueTheDayBefore(marketResultTime, 'told'),
    keyPattern: hubKeys('hub'),
    datasets: { netPos: 'Net positions that the day-ahead auction gave' },
  },
  {
    ...core,
    unit: sourced('told', 'EUR/MWh'),
    steps: sourced('told', quarterHourlySinceOctober2025),
    publication: dueTheDayBefore(marketResultTime, 'told'),
    keyPattern: pairKeys('border'),
    datasets: {
      priceSpread: 'Day-ahead price spread: border_A_B is the price of B less that of A',
    },
  },
  {
    ...core,
    steps: sourced('assumed', hourly),
    publication: dueTheDayBefore(intradayTime, 'assumed'),
    // A public client reads initial_ and delta_ from both pages.
    keyPattern: pairKeys('border', 'initial', 'delta'),
    datasets: {
      intradayAtc: 'Intraday available transfer capacity; also published as intradayATC',
      intradayNtc: 'Intraday net transfer capacity; also published as intradayNTC',
    },
  },
  {
    ...core,
    unit: sourced('assumed', '1'),
    steps: sourced('told', hourly),
    publication: dueTheDayBefore(finalDomainTime, 'assumed'),
    keyPattern: anyKeys,
    datasets: { alphaFactor: 'Alpha factor, without unit' },
  },
];
