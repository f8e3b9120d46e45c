import type { MetricFamily } from './metric-family.ts';

/** The formats that Prometheus reads, each with its content type. */
export const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;

/** Which of the formats. */
export type MetricFormat = keyof typeof contentTypes;

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Most labels are, and there may be tens of thousands. */
const plainLabel = /^[\w ./:-]*$/;
const counterEnding = '_total';

/**
 * Writes families as text, in their order. Both formats hold the same samples; OpenMetrics writes the
 * bounds of buckets as numbers with a fraction.
 *
 * @throws {TypeError} for a name that is none, a counter without `_total`, or a value that is no number:
 * the family's declaration or its source is wrong, and nothing is written.
 */
export function renderFamilies(families: readonly MetricFamily[], format: MetricFormat): string {
  const parts = families.map((family) => renderOnce(family, format));
  return format === 'openMetrics' ? `${parts.join('')}# EOF\n` : parts.join('');
}

/** As long as a family is told again: one of tens of thousands of samples seldom changes from answer to answer. */
const written = new WeakMap<MetricFamily, Map<MetricFormat, string>>();

function renderOnce(family: MetricFamily, format: MetricFormat): string {
  const texts = written.get(family) ?? new Map<MetricFormat, string>();
  written.set(family, texts);
  const text = texts.get(format) ?? renderFamily(family, format);
  texts.set(format, text);
  return text;
}

function renderFamily({ name, help, kind, samples }: MetricFamily, format: MetricFormat): string {
  if (!metricName.test(name)) {
    throw new TypeError(`metric ${JSON.stringify(name)}: that is no name of a metric`);
  }
  if (name.endsWith(counterEnding) !== (kind === 'counter')) {
    throw new TypeError(`metric ${name}: counters, and only they, end in ${counterEnding}`);
  }
  const isOpenMetrics = format === 'openMetrics';
  const family = isOpenMetrics && kind === 'counter' ? name.slice(0, -counterEnding.length) : name;
  const helpText = isOpenMetrics ? escapeLabel(help) : escapeHelp(help);
  const beginningOf = labelBeginnings();
  const lines = [`# HELP ${family} ${helpText}\n# TYPE ${family} ${kind}\n`];
  for (const { labels, value, part } of samples) {
    let text = part === undefined ? name : `${name}_${part}`;
    let separator = '{';
    for (const [label, labelValue] of Object.entries(labels)) {
      const shown = label === 'le' && isOpenMetrics ? withFraction(labelValue) : labelValue;
      text += separator + beginningOf(label) + escapeLabel(shown);
      separator = '",';
    }
    lines.push(`${text}${separator === '{' ? '' : '"}'} ${renderValue(name, value)}\n`);
  }
  return lines.join('');
}

/** What a label begins with, by its name: looked at once, and not for each of the samples. */
function labelBeginnings(): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const beginning = known.get(name) ?? `${checkedLabel(name)}="`;
    known.set(name, beginning);
    return beginning;
  };
}

function checkedLabel(name: string): string {
  if (!labelName.test(name)) {
    throw new TypeError(`label ${JSON.stringify(name)}: that is no name of a label`);
  }
  return name;
}

function renderValue(name: string, value: unknown): string {
  if (typeof value !== 'number') {
    throw new TypeError(`metric ${name}: expected a number, got ${typeof value}`);
  }
  return value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);
}

/** OpenMetrics has one way to write a bucket's bound. */
function withFraction(bound: string): string {
  return /^-?\d+$/.test(bound) ? `${bound}.0` : bound;
}

function escapeHelp(text: string): string {
  return readable(text)
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`);
}

function escapeLabel(text: string): string {
  return plainLabel.test(text) ? text : escapeHelp(text).replaceAll('"', String.raw`\"`);
}

/** Half a surrogate pair has no UTF-8, and Prometheus takes NUL for the end of the answer. */
function readable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
