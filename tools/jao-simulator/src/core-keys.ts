import type { BusinessDay } from './business-day.ts';

/** From this delivery day the Core pages have the virtual hubs. */
export const virtualHubsFrom: BusinessDay = '2026-06-11';

const zones = ['AT', 'BE', 'CZ', 'DE', 'FR', 'HR', 'HU', 'NL', 'PL', 'RO', 'SI', 'SK'] as const;

/** The ends of the cable between Belgium and Germany. */
const alegroHubs = ['ALBE', 'ALDE'] as const;

/** Virtual hubs by the zone that they hang on. Three names are told, the others made up like them. */
const virtualHubs = [
  ['DE', 'DE_DK1_BigHub'],
  ['DE', 'DE_DK2_BigHub'],
  ['DE', 'DE_NO2_NordLink'],
  ['DE', 'DE_SE4_Baltic'],
  ['NL', 'NL_DK1_Cobra'],
  ['NL', 'NL_NO2_NorNed'],
  ['PL', 'PL_LT_VH'],
  ['PL', 'PL_SE4_SwePol'],
  ['RO', 'RO_BG_VH'],
] as const;

/** Borders that have a line, within Core and to its neighbours. */
const scheduledBorders = [
  'AT_CZ AT_DE AT_HU AT_SI BE_DE BE_FR BE_NL CZ_DE CZ_PL CZ_SK DE_FR DE_NL DE_PL HR_HU HR_SI HU_RO',
  'HU_SI HU_SK PL_SK AT_IT FR_ES DE_DK1 DE_SE4',
].flatMap((line) => line.split(' '));

/** 132 directed pairs of zones, and from 2026-06-11 both directions of 9 virtual hubs: 150. */
export function maxExchangeKeys(day: BusinessDay): string[] {
  const pairs = zones.flatMap((from) =>
    zones.filter((to) => to !== from).map((to) => `border_${from}_${to}`),
  );
  return day < virtualHubsFrom ? pairs : [...pairs, ...virtualHubKeys()];
}

/** The same pairs without virtual hubs: the intraday page has none. */
export function intradayMaxExchangeKeys(): string[] {
  return maxExchangeKeys('2022-06-09');
}

/** `minAT`, `maxAT`, …: 14 hubs, and from 2026-06-11 23. */
export function maxNetPositionKeys(day: BusinessDay): string[] {
  return hubs(day).flatMap((hub) => [`min${hub}`, `max${hub}`]);
}

/** `hub_AT`, …: 14 hubs, and from 2026-06-11 23. */
export function netPositionKeys(day: BusinessDay): string[] {
  return hubs(day).map((hub) => `hub_${hub}`);
}

/** Both directions of 23 borders: 46 keys. */
export function scheduledExchangeKeys(): string[] {
  return bothDirections(scheduledBorders);
}

/** Both directions of the borders within Core. */
export function priceSpreadKeys(): string[] {
  return bothDirections(scheduledBorders.filter((border) => !/IT|ES|DK|SE/.test(border)));
}

/** The four keys of Core `atc` that are null in every row. */
export const italianKeys: readonly string[] = bothDirections(['AT_IT', 'IT_SI']);

/** Borders of Core with its neighbours and the cable between Belgium and Germany: 14 keys. */
export function atcKeys(): string[] {
  return [
    ...italianKeys,
    ...bothDirections(['BE_DE', 'BG_RO', 'DE_DK1', 'DE_DK2', 'LT_PL']),
  ].toSorted();
}

function virtualHubKeys(): string[] {
  return virtualHubs.flatMap(([zone, hub]) => [`border_${zone}_${hub}`, `border_${hub}_${zone}`]);
}

function hubs(day: BusinessDay): string[] {
  const always = [...alegroHubs, ...zones];
  return day < virtualHubsFrom ? always : [...always, ...virtualHubs.map(([, hub]) => hub)];
}

function bothDirections(borders: readonly string[]): string[] {
  return borders.flatMap((border) => {
    const [from, to] = border.split('_');
    return [`border_${from}_${to}`, `border_${to}_${from}`];
  });
}
