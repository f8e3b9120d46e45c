/** A business day, and its half-open window. */
export interface DayBounds {
  readonly day: string;
  readonly start: Date;
  readonly end: Date;
}

interface DayQuery {
  readonly sql: string;
  readonly parametersOf: (bounds: DayBounds) => readonly unknown[];
}

const columns = 'key, delivery_start, value';
const ofDataset = `region = 'core' and dataset = 'maxExchanges'`;

/** All cells of one business day: the same rows from each. */
export const dayQueries = {
  /** What somebody would write who knows the index and nothing of revisions' numbers. */
  bare: {
    sql: `select s.key, o.delivery_start, o.value from jao.series s cross join lateral (
        select distinct on (v.delivery_start) v.delivery_start, v.value from jao.observation v
        where v.series_id = s.series_id and v.delivery_start >= $1 and v.delivery_start < $2
        order by v.delivery_start, v.known_from desc) o
      where ${ofDataset}`,
    parametersOf: ({ start, end }) => [start, end],
  },
  'latest-by-business-day': {
    sql: `select ${columns} from jao.latest where ${ofDataset} and business_day = $1`,
    parametersOf: ({ day }) => [day],
  },
  'latest-by-delivery-start': {
    sql: `select ${columns} from jao.latest where ${ofDataset} and delivery_start >= $1 and delivery_start < $2`,
    parametersOf: ({ start, end }) => [start, end],
  },
  'as-of-by-business-day': {
    sql: `select ${columns} from jao.as_of(now()) where ${ofDataset} and business_day = $1`,
    parametersOf: ({ day }) => [day],
  },
  'as-of-by-delivery-start': {
    sql: `select ${columns} from jao.as_of(now()) where ${ofDataset} and delivery_start >= $1 and delivery_start < $2`,
    parametersOf: ({ start, end }) => [start, end],
  },
} as const satisfies Readonly<Record<string, DayQuery>>;

/** A member of {@link dayQueries}. */
export type DayQueryName = keyof typeof dayQueries;

export function isDayQuery(name: string): name is DayQueryName {
  return Object.hasOwn(dayQueries, name);
}
