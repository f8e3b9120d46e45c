import type { Labels } from './metric-family.ts';

/** A sample as somebody reads it who gets the text. */
export interface ReadSample {
  /** With `_total`, `_bucket`, `_sum` or `_count`. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/**
 * Reads either format, strictly, for tests: what no rule of the formats allows is an error with its line.
 *
 * @throws {SyntaxError}
 */
export function readExposition(text: string): ReadSample[] {
  if (!text.endsWith('\n')) {
    throw new SyntaxError('the last line does not end');
  }
  const lines = text.split('\n').slice(0, -1);
  return lines.flatMap((line, index) => {
    if (line.startsWith('# HELP ') || line.startsWith('# TYPE ')) {
      return [];
    }
    if (line === '# EOF' && index === lines.length - 1) {
      return [];
    }
    return [readSample(line, index + 1)];
  });
}

const sampleLine =
  /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>[+-]?Inf|NaN|-?[\d.]+(?:e[+-]?\d+)?)$/su;
const labelPair = /(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\[n"\\])*)"(?:,|$)/suy;

function readSample(line: string, number: number): ReadSample {
  const { name, labels, value } = sampleLine.exec(line)?.groups ?? {};
  if (name === undefined || value === undefined) {
    throw new SyntaxError(`line ${number}: ${line}`);
  }
  return { name, labels: readLabels(labels ?? '', number), value: readValue(value) };
}

function readLabels(text: string, number: number): Labels {
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < text.length) {
    const { name, value } = labelPair.exec(text)?.groups ?? {};
    if (name === undefined || value === undefined || Object.hasOwn(labels, name)) {
      throw new SyntaxError(`line ${number}: labels ${text}`);
    }
    labels[name] = value.replaceAll(/\\(.)/gsu, (_, escaped: string) =>
      escaped === 'n' ? '\n' : escaped,
    );
  }
  return labels;
}

function readValue(text: string): number {
  return text.endsWith('Inf') ? Number(`${text}inity`) : Number(text);
}
