import type { TimeWindow } from './split-window.ts';

/** The parameters of the URL that asks for a window. */
export const windowParameters: readonly string[] = ['FromUtc', 'ToUtc'];

/**
 * The URL that asks for a window. Instants are written in the one form that the service has always
 * understood: UTC with milliseconds and `Z`.
 *
 * @throws {TypeError} the path has a query, or leads to another origin.
 * @throws {RangeError} the window is empty or no time.
 */
export function windowUrl(origin: string, request: TimeWindow & { readonly path: string }): URL {
  const { path, fromMs, toMs } = request;
  const url = URL.parse(path, origin);
  if (url?.origin !== origin || url.pathname !== path) {
    throw new TypeError(`path: expected one such as /core/api/data/atc, received ${path}`);
  }
  if (!(fromMs < toMs)) {
    throw new RangeError(`window: expected fromMs before toMs, received ${fromMs} and ${toMs}`);
  }
  url.search = `?FromUtc=${isoInstant(fromMs)}&ToUtc=${isoInstant(toMs)}`;
  return url;
}

function isoInstant(instantMs: number): string {
  return new Date(instantMs).toISOString();
}
