import { FetchError } from './fetch-error.ts';

/** The URL as it may be printed and stored: without user, password, query and fragment. */
export function displayUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/** @throws {FetchError} `USAGE` unless the URL is http or https and has no user and password. */
export function checkSourceUrl(url: URL): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new FetchError(
      `fetch a URL that begins with ${url.protocol} (not supported); give one that begins with https: or http:`,
      { code: 'USAGE' },
    );
  }
  if (hasCredentials(url)) {
    throw new FetchError(
      `fetch ${displayUrl(url)}: a user or password in the URL is not supported, and no other way to pass them is; ` +
        'download the file with a tool that can log in, and ingest it from the disk',
      { code: 'USAGE' },
    );
  }
}

export interface Redirect {
  readonly from: URL;
  /** The `Location` header, absolute or relative to `from`. */
  readonly location: string;
  readonly allowedOrigins: readonly string[];
  readonly label: string;
}

/**
 * Where a redirect leads: always one of the allowed origins, and never from https to http.
 *
 * Origins are compared, not addresses: whoever controls the name of an allowed origin is trusted.
 *
 * @throws {FetchError} `REFUSED` otherwise.
 */
export function followRedirect({ from, location, allowedOrigins, label }: Redirect): URL {
  const to = URL.parse(location, from.href);
  if (to === null) {
    throw refusal(label, 'to something that is no URL; ask whoever runs the server');
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw refusal(label, `from https to ${to.origin}, which anyone on the way could change`);
  }
  if (!allowedOrigins.includes(to.origin)) {
    // Other schemes (file:, data:) have the origin "null", which is on no list.
    const target = to.origin === 'null' ? `a ${to.protocol} address` : to.origin;
    throw refusal(label, `to ${target}; if you trust it, add it to the allowed origins`);
  }
  if (hasCredentials(to)) {
    throw refusal(label, `to a URL with a user or password at ${to.origin}`);
  }
  return to;
}

function hasCredentials(url: URL): boolean {
  return url.username !== '' || url.password !== '';
}

function refusal(label: string, problem: string): FetchError {
  return new FetchError(`${label}: the server redirects ${problem}`, { code: 'REFUSED' });
}
