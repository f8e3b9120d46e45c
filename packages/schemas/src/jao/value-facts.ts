import type { BusinessDay, DatasetContract, FactOrigin } from './dataset-contract.ts';

/** What is known, or assumed, of the values of a dataset, beyond its contract. */
export interface ValueFacts {
  /** No value is below it. */
  readonly floor?: { readonly value: number; readonly origin: FactOrigin };
  /** Nobody would believe a value that is further from 0. Assumed, always. */
  readonly plausible: number;
  /** The largest share of nulls that is nothing new, in percent. */
  readonly nullPercent: { readonly value: number; readonly origin: FactOrigin };
  /** How many keys a day has, from which day on; ascending, the first is `null`. */
  readonly keyCounts?: {
    readonly from: readonly {
      readonly businessDay: BusinessDay | null;
      readonly keys: number;
    }[];
    readonly origin: FactOrigin;
  };
  /** A value that stands for none. */
  readonly sentinel?: number;
  /** A change of the mean of a day that is nothing to speak of, in the unit of the values. Assumed. */
  readonly quietChange: number;
}

type Facts = Omit<ValueFacts, 'quietChange' | 'nullPercent' | 'plausible'> & Partial<ValueFacts>;

/** The virtual hubs of Core came with this delivery day. */
const virtualHubsFrom = '2026-06-11';

/** More than any border carries. */
const borderMegawatts = 30_000;
/** More than any zone produces. */
const hubMegawatts = 150_000;

const noneBelowZero = { floor: { value: 0, origin: 'assumed' } } as const satisfies Facts;
/** By its definition: with all other exchanges zero, an exchange of zero is feasible. */
const noneNegative = { floor: { value: 0, origin: 'told' } } as const satisfies Facts;
const border = { plausible: borderMegawatts } as const;

/**
 * Facts by the name of a dataset without its region and its calculation or auction (`IDCCA_`, `ID1_`,
 * `DA_`, `CCR_`, `CCR_id`).
 */
const factsByPage: Readonly<Record<string, Facts>> = {
  maxExchanges: { ...border, ...noneNegative },
  maxBorderFlow: { ...border, ...noneBelowZero },
  ltn: { ...border, ...noneBelowZero },
  lta: { ...border, ...noneBelowZero },
  refprog: border,
  bexRestrictions: border,
  atc: { ...border, ...noneBelowZero },
  shadowAuctionATC: { ...border, ...noneBelowZero },
  intradayAtc: border,
  intradayNtc: border,
  FinalTtcNtc: { ...border, ...noneBelowZero },
  Adjustment: { ...border, ...noneBelowZero },
  scheduledExchanges: border,
  alphaFactor: { plausible: 1, floor: { value: 0, origin: 'assumed' }, quietChange: 0.05 },
};

/** What only one page says. */
const factsByName: Readonly<Record<string, Facts>> = {
  'core/maxExchanges': {
    nullPercent: { value: 0, origin: 'seen' },
    keyCounts: {
      from: [
        { businessDay: null, keys: 132 },
        { businessDay: virtualHubsFrom, keys: 150 },
      ],
      origin: 'told',
    },
  },
  'core/netPos': {
    keyCounts: {
      from: [
        { businessDay: null, keys: 14 },
        { businessDay: virtualHubsFrom, keys: 23 },
      ],
      origin: 'client',
    },
  },
  'core/atc': {
    // Four of the 14 keys, those of Italy, were null in every row.
    nullPercent: { value: 30, origin: 'seen' },
    keyCounts: { from: [{ businessDay: null, keys: 14 }], origin: 'seen' },
  },
  'core/shadowAuctionATC': {
    keyCounts: { from: [{ businessDay: null, keys: 38 }], origin: 'seen' },
  },
  'core/scheduledExchanges': {
    keyCounts: { from: [{ businessDay: null, keys: 46 }], origin: 'seen' },
  },
  'nordic/maxExchanges': {
    keyCounts: { from: [{ businessDay: null, keys: 62 }], origin: 'seen' },
  },
  'nordic/maxBorderFlow': {
    keyCounts: { from: [{ businessDay: null, keys: 62 }], origin: 'client' },
  },
  'ibwt/CCR_allocationConstraint': { sentinel: 99_999 },
  'ibwt/CCR_idAllocationConstraint': { sentinel: 99_999 },
};

/** What holds for a unit where nothing closer is known. */
const factsByUnit: Readonly<Record<string, Pick<ValueFacts, 'plausible' | 'quietChange'>>> = {
  MW: { plausible: hubMegawatts, quietChange: 100 },
  'EUR/MWh': { plausible: 10_000, quietChange: 20 },
  'EUR/MW': { plausible: 1_000_000, quietChange: 100 },
  EUR: { plausible: 1_000_000_000, quietChange: 50_000 },
};

/** What is known of a dataset's values; what is not, is assumed from its unit. */
export function valueFactsOf(contract: DatasetContract): ValueFacts {
  const page = contract.dataset.replace(/^(?:IDCC[A-D]_|ID[1-3]_|DA_|CCR_id|CCR_)/, '');
  return {
    plausible: 1_000_000_000,
    quietChange: 1,
    // Half of the cells of a day: more than the one page that has nulls was seen with.
    nullPercent: { value: 50, origin: 'assumed' },
    ...factsByUnit[contract.unit],
    ...factsByPage[page],
    ...factsByName[contract.name],
  };
}

/** Whether a fact is one: what is assumed only warns. */
export function isKnown(origin: FactOrigin): boolean {
  return origin !== 'assumed';
}
