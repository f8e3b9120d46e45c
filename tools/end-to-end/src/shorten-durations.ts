/** How many times as fast as in production. */
export interface ShortenOptions {
  readonly factor: number;
}

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** What of the files of Prometheus and Alertmanager has a duration as its value. */
const durationKeys = [
  'evaluation_interval',
  'for',
  'group_interval',
  'group_wait',
  'interval',
  'keep_firing_for',
  'repeat_interval',
  'resolve_timeout',
  'scrape_interval',
];

/**
 * A file of rules, or a configuration of Prometheus or Alertmanager, as it is read from YAML, with each
 * duration divided by `factor`: how long an alert waits, over which range and offset an expression looks,
 * how often is scraped, judged and told. All else stays: which metrics are compared with which numbers,
 * seconds in these comparisons included, labels, words, routes.
 *
 * @throws {RangeError} where a duration has another form than `1h30m`.
 */
export function shortenDurations(value: unknown, options: ShortenOptions): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => shortenDurations(item, options));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => {
      if (typeof member === 'string' && durationKeys.includes(key)) {
        return [key, shortenDuration(member, options)];
      }
      return [
        key,
        key === 'expr' && typeof member === 'string'
          ? shortenExpression(member, options)
          : shortenDurations(member, options),
      ];
    }),
  );
}

/** Ranges, the steps of subqueries, and offsets. */
function shortenExpression(expr: string, options: ShortenOptions): string {
  return expr
    .replaceAll(/\[([^\]]+)\]/g, (_, range: string) => {
      const parts = range.split(':').map((part) => part.trim());
      return `[${parts.map((part) => (part === '' ? '' : shortenDuration(part, options))).join(':')}]`;
    })
    .replaceAll(
      /\boffset\s+(\w+)/g,
      (_, offset: string) => `offset ${shortenDuration(offset, options)}`,
    );
}

/** No duration becomes nothing. */
function shortenDuration(text: string, { factor }: ShortenOptions): string {
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) {
    throw new RangeError(`shorten ${text}: expected a duration such as 1h30m`);
  }
  const parts = [...text.matchAll(/(\d+)(ms|[smhdwy])/g)];
  const ms = parts.reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (unitsMs[unit] ?? NaN),
    0,
  );
  return ms === 0 ? text : `${String(Math.max(1, Math.round(ms / factor)))}ms`;
}
