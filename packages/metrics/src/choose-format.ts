import type { MetricFormat } from './render-families.ts';

/**
 * The format that an `Accept` header prefers; text where it has no preference, or names neither.
 * OpenMetrics is given in version 1.0.0 only, and where no version is asked for.
 */
export function chooseFormat(accept: string | undefined): MetricFormat {
  let best: { readonly format: MetricFormat; readonly quality: number } | undefined;
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const format = formatOf(type, parameters);
    const quality = qualityOf(parameters);
    if (format !== undefined && quality > 0 && quality > (best?.quality ?? 0)) {
      best = { format, quality };
    }
  }
  return best?.format ?? 'text';
}

function formatOf(type: string, parameters: readonly string[]): MetricFormat | undefined {
  if (type === 'application/openmetrics-text') {
    const version = parameterOf(parameters, 'version');
    return version === undefined || version === '1.0.0' ? 'openMetrics' : undefined;
  }
  return ['text/plain', 'text/*', '*/*'].includes(type) ? 'text' : undefined;
}

function qualityOf(parameters: readonly string[]): number {
  const quality = Number(parameterOf(parameters, 'q') ?? '1');
  return quality >= 0 && quality <= 1 ? quality : 0;
}

function parameterOf(parameters: readonly string[], name: string): string | undefined {
  return parameters
    .find((parameter) => parameter.startsWith(`${name}=`))
    ?.slice(name.length + 1)
    .replaceAll('"', '');
}
