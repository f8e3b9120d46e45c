import {
  dueOnTheDay,
  dueTheDayBefore,
  hourly,
  hubKeys,
  pairKeys,
  quarterHourly,
} from './dataset-facts.ts';
import { sourced } from './dataset-group.ts';
import type { DatasetGroup } from './dataset-group.ts';

/** The intraday auctions began with this delivery day; assumed for the whole region. */
const coreIntraday = {
  region: 'coreID',
  firstBusinessDay: sourced('assumed', '2024-06-14'),
  unit: sourced('told', 'MW'),
} as const;

/**
 * The runs of intraday capacity calculation, with when their results are assumed to be out: shortly
 * after the auction or gate that each is made for.
 */
const calculations = [
  { name: 'IDCCA', publication: dueTheDayBefore('16:00', 'assumed') },
  { name: 'IDCCB', publication: dueTheDayBefore('22:30', 'assumed') },
  { name: 'IDCCC', publication: dueOnTheDay('05:30', 'assumed') },
  { name: 'IDCCD', publication: dueOnTheDay('10:30', 'assumed') },
] as const;

/**
 * The intraday auctions at 15:00 and 22:00 on the day before and at 10:00 on the day, with an hour for
 * results and their publication (assumed). The third sells the second half of the day only; whether
 * the service has rows for the first half, no source says.
 */
const auctions = [
  { name: 'ID1', publication: dueTheDayBefore('16:00', 'assumed') },
  { name: 'ID2', publication: dueTheDayBefore('23:00', 'assumed') },
  { name: 'ID3', publication: dueOnTheDay('11:00', 'assumed') },
] as const;

/**
 * Core intraday: the wide namesakes of Core's datasets for each capacity calculation and each auction.
 * Not here are domains, validation reductions, fallbacks and monitoring.
 */
export const coreIntradayGroups: readonly DatasetGroup[] = [
  ...calculations.flatMap(calculationGroups),
  ...auctions.flatMap(auctionGroups),
];

function calculationGroups({ name, publication }: (typeof calculations)[number]): DatasetGroup[] {
  const calculation = { ...coreIntraday, publication, steps: sourced('assumed', hourly) };
  const title = `Intraday capacity calculation ${name}`;
  return [
    {
      ...calculation,
      keyPattern: pairKeys('border', 'initial', 'delta'),
      datasets: {
        [`${name}_maxExchanges`]: `${title}: max bilateral exchange of each directed zone pair`,
        [`${name}_refprog`]: `${title}: reference programme`,
        [`${name}_intradayAtc`]: `${title}: available transfer capacity`,
        [`${name}_intradayNtc`]: `${title}: net transfer capacity`,
      },
    },
    {
      ...calculation,
      keyPattern: hubKeys('min', 'max'),
      datasets: { [`${name}_maxNetPos`]: `${title}: min and max net position of each hub` },
    },
  ];
}

function auctionGroups({ name, publication }: (typeof auctions)[number]): DatasetGroup[] {
  const auction = { ...coreIntraday, publication, steps: sourced('told', quarterHourly) };
  const title = `Intraday auction IDA${name.slice(-1)}`;
  return [
    {
      ...auction,
      keyPattern: hubKeys('hub', 'delta'),
      datasets: { [`${name}_netPos`]: `${title}: net positions` },
    },
    {
      ...auction,
      keyPattern: pairKeys('border'),
      datasets: { [`${name}_scheduledExchanges`]: `${title}: scheduled exchanges` },
    },
    {
      ...auction,
      unit: sourced('told', 'EUR/MWh'),
      keyPattern: pairKeys('border'),
      datasets: { [`${name}_priceSpread`]: `${title}: price of B less that of A` },
    },
    {
      ...auction,
      unit: sourced('told', 'EUR'),
      keyPattern: hubKeys('grossHub', 'grossTso', 'netHub', 'netTso', 'grossBorder', 'netBorder'),
      datasets: { [`${name}_congestionIncome`]: `${title}: congestion income` },
    },
  ];
}
