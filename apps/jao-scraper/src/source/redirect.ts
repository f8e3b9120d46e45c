import type { HttpResponse } from './send-request.ts';

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];
const maxRedirects = 3;

/** A redirect that may not be followed. */
export interface RefusedRedirect {
  /** Why: a phrase that goes on from "a redirect". */
  readonly refusal: string;
  /** The origin that it leads to, or its scheme where it has none; only where that is why. */
  readonly target?: string;
}

/** Where a redirect may be followed to, or why it may not. */
export type Redirect = { readonly url: URL } | RefusedRedirect;

/**
 * Where a response sends us; `undefined` if it is no redirect. `asked` are the URLs so far, this one last.
 *
 * Only to the origin that was asked: another scheme, host or port, an address instead of the name, a user
 * or password are refused, and so are circles and more than three in a row. Origins are compared, not
 * addresses: whoever controls the name is trusted, as the certificate says.
 */
export function readRedirect(
  { head, failure }: Pick<HttpResponse, 'head' | 'failure'>,
  asked: readonly URL[],
): Redirect | undefined {
  if (head === undefined || failure?.outcome === 'cancelled') {
    return undefined;
  }
  const { status, headers } = head;
  if (!redirectStatuses.includes(status)) {
    return undefined;
  }
  if (headers.location === undefined) {
    return { refusal: 'to nowhere' };
  }
  if (asked.length > maxRedirects) {
    return { refusal: `after ${maxRedirects} others` };
  }
  return resolveTarget(headers.location, asked);
}

function resolveTarget(location: string, asked: readonly URL[]): Redirect {
  const from = asked.at(-1);
  const to = URL.parse(location, from?.href);
  if (from === undefined || to === null) {
    return { refusal: 'to something that is no URL' };
  }
  if (to.origin !== from.origin) {
    return {
      refusal: 'to another origin than the one that may be asked',
      target: to.origin === 'null' ? to.protocol : to.origin,
    };
  }
  if (to.username !== '' || to.password !== '') {
    return { refusal: 'to a URL with a user or password' };
  }
  to.hash = '';
  return asked.some((url) => url.href === to.href) ? { refusal: 'in a circle' } : { url: to };
}
