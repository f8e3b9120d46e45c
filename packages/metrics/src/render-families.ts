import type { Labels, MetricFamily, Sample } from './metric-family.ts';

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
  const parts = families.map((family) => renderFamily(family, format));
  return format === 'openMetrics' ? `${parts.join('')}# EOF\n` : parts.join('');
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
  // Put together as it goes: there may be tens of thousands of samples.
  let text = `# HELP ${family} ${helpText}\n# TYPE ${family} ${kind}\n`;
  for (const sample of samples) {
    text += renderSample(name, sample, format);
  }
  return text;
}

function renderSample(name: string, { labels, value, part }: Sample, format: MetricFormat): string {
  const series = part === undefined ? name : `${name}_${part}`;
  return `${series}${renderLabels(labels, format)} ${renderValue(name, value)}\n`;
}

function renderLabels(labels: Labels, format: MetricFormat): string {
  let text = '';
  for (const [name, value] of Object.entries(labels)) {
    if (!labelName.test(name)) {
      throw new TypeError(`label ${JSON.stringify(name)}: that is no name of a label`);
    }
    const shown = name === 'le' && format === 'openMetrics' ? withFraction(value) : value;
    text += `${text === '' ? '{' : ','}${name}="${escapeLabel(shown)}"`;
  }
  return text === '' ? '' : `${text}}`;
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
