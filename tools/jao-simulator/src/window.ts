/** A half-open window of UTC epoch milliseconds. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const knownParameters = ['FromUtc', 'ToUtc', 'Filter', 'Skip', 'Take'];

/** Reads the window of a request, or says why the service refuses it with HTTP 400. */
export function parseWindow(
  query: URLSearchParams,
  maxWindowHours: number,
): Window | { readonly refusal: string } {
  for (const name of query.keys()) {
    if (!knownParameters.includes(name)) return { refusal: `The parameter ${name} is not known.` };
    if (query.getAll(name).length > 1) return { refusal: `The parameter ${name} is given twice.` };
  }
  if (query.get('Filter') === '') return { refusal: 'The value of Filter is not valid.' };
  const fromMs = parseInstant(query.get('FromUtc'));
  const toMs = parseInstant(query.get('ToUtc'));
  if (fromMs === undefined) return { refusal: 'The value of FromUtc is not valid.' };
  if (toMs === undefined) return { refusal: 'The value of ToUtc is not valid.' };
  if (toMs <= fromMs) return { refusal: 'ToUtc must be after FromUtc.' };
  if (toMs - fromMs > maxWindowHours * 3_600_000) {
    return { refusal: `The requested range must not exceed ${maxWindowHours} hours.` };
  }
  return { fromMs, toMs };
}

/** Only `2022-10-22T22:00:00.000Z`: other forms broke once, so a client must not get used to them. */
function parseInstant(text: string | null): number | undefined {
  const instantMs = Date.parse(text ?? '');
  if (Number.isNaN(instantMs) || new Date(instantMs).toISOString() !== text) return undefined;
  return instantMs;
}
