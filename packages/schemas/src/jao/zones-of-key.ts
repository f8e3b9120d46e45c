/** The bidding zones or virtual hubs that a key names. */
export interface KeyZones {
  readonly from: string;
  /** `null` where the key speaks of one zone only, as `hub_AT` does. */
  readonly to: string | null;
}

/** Prefixes before an ordered pair of zones, each with its `_`. */
const pairPrefixes = [
  'border_',
  'grossBorder_',
  'netBorder_',
  'initial_',
  'delta_',
  'shadowPrice_',
  'qty_',
  'finalNtc_',
  'antc_',
];

/** Prefixes before one zone; `min` and `max` come with and without a `_`. */
const hubPrefixes = [
  'hub_',
  'delta_',
  'grossHub_',
  'netHub_',
  'limitDown_',
  'limitUp_',
  'verticalLoad_',
  'generation_',
  'coreNetPosition_',
  'globalNetPosition_',
  'min_',
  'max_',
  'min',
  'max',
];

/**
 * Bidding zones, and the virtual hubs whose names are known; `DE` is the DE-LU zone. A name that
 * is missing here costs an attribute, never a value.
 */
const hubs: ReadonlySet<string> = new Set([
  ...['AT', 'BE', 'CZ', 'DE', 'FR', 'HR', 'HU', 'NL', 'PL', 'RO', 'SI', 'SK'],
  ...['ALBE', 'ALDE', 'BG', 'CH', 'DK', 'EE', 'ES', 'FI', 'GB', 'GR', 'IT', 'LT', 'LV', 'PT', 'RS'],
  ...['DK1', 'DK2', 'NO1', 'NO2', 'NO3', 'NO4', 'NO5', 'SE1', 'SE2', 'SE3', 'SE4'],
  ...['DE_DK2_BigHub', 'NL_NO2_NorNed', 'RO_BG_VH'],
]);

/**
 * The zones that a key names, by a list of known hubs: `border_DE_DK2_BigHub_DE` is from
 * `DE_DK2_BigHub` to `DE`. Where a key can be read in two ways, the longest first zone wins.
 * `undefined` for a key that is opaque: another form, or a name that is not in the list.
 */
export function zonesOfKey(key: string): KeyZones | undefined {
  for (const prefix of pairPrefixes) {
    const pair = key.startsWith(prefix) ? splitPair(key.slice(prefix.length)) : undefined;
    if (pair !== undefined) {
      return pair;
    }
  }
  const prefix = hubPrefixes.find(
    (candidate) => key.startsWith(candidate) && hubs.has(key.slice(candidate.length)),
  );
  return prefix === undefined ? undefined : { from: key.slice(prefix.length), to: null };
}

function splitPair(names: string): KeyZones | undefined {
  for (let at = names.lastIndexOf('_'); at > 0; at = names.lastIndexOf('_', at - 1)) {
    const [from, to] = [names.slice(0, at), names.slice(at + 1)];
    if (hubs.has(from) && hubs.has(to)) {
      return { from, to };
    }
  }
  return undefined;
}
