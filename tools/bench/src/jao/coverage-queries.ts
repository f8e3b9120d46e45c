/** Every cell of a period looked up: what there is without anything kept. Counts by state. */
function lookEveryCellUp(from: string, to: string): string {
  return `select sum(v.there)::int8 as present, sum(1 - v.there)::int8 as missing from (
      select case when exists (
        select from jao.observation o
        where o.series_id = s.series_id and o.delivery_start = h.delivery_start and o.value is not null
      ) then 1 else 0 end as there
      from jao.series s
      cross join generate_series(
        ${from} at time zone 'Europe/Amsterdam',
        (${to} + interval '1 day') at time zone 'Europe/Amsterdam' - interval '1 hour',
        interval '1 hour'
      ) as h (delivery_start)
      where s.region = 'core' and s.dataset = 'maxExchanges'
    ) v`;
}

function tellCoverage(from: string, to: string): string {
  return `select coalesce(sum(cells) filter (where state = 'present'), 0)::int8 as present,
      coalesce(sum(cells) filter (where state = 'not_provided'), 0)::int8 as missing
    from jao.coverage
    where region = 'core' and dataset = 'maxExchanges' and business_day between ${from}::date and ${to}::date`;
}

const first = `timestamp '2025-01-01'`;
const last = `timestamp '2025-12-31'`;
const day = `timestamp '2025-06-15'`;

/** The same counts, told in several ways. */
export const coverageQueries = {
  'look-up-year': lookEveryCellUp(first, last),
  'coverage-year': tellCoverage(first, last),
  'look-up-day': lookEveryCellUp(day, day),
  'coverage-day': tellCoverage(day, day),
  /** Everything is counted from the observations; nothing differs, so that nothing is written. */
  rebuild: `select 0 as present, r.changed_days as missing from jao.dataset d
    cross join lateral jao.rebuild_ranges(d.dataset_id) r where d.region = 'core' and d.dataset = 'maxExchanges'`,
} as const;

/** A member of {@link coverageQueries}. */
export type CoverageQueryName = keyof typeof coverageQueries;

export function isCoverageQuery(name: string): name is CoverageQueryName {
  return Object.hasOwn(coverageQueries, name);
}
