import type { IncomingMessage } from 'node:http';

import type { Fault } from './fault.ts';
import type { PlannedAnswer } from './planned-answer.ts';
import { redirectPrefix } from './question.ts';

/** A redirect to where the fault's name says; `undefined` for other faults. */
export function planRedirect({
  fault,
  request,
  strayOrigin,
}: {
  readonly fault: Fault;
  readonly request: IncomingMessage;
  readonly strayOrigin: string;
}): PlannedAnswer | undefined {
  const { url = '/', headers } = request;
  const [hostName = '127.0.0.1'] = headers.host?.split(':') ?? [];
  const strayPort = new URL(strayOrigin).port;
  const path = url.startsWith(redirectPrefix) ? url.slice(redirectPrefix.length) : url;
  const redirectTo = (location: string): PlannedAnswer => ({
    status: 302,
    headers: { location },
    body: Buffer.alloc(0),
  });
  switch (fault.kind) {
    case 'redirect_same_origin':
      return redirectTo(`${redirectPrefix}${path}`);
    case 'redirect_loop':
      return redirectTo(url);
    case 'redirect_other_host':
      return redirectTo(`http://elsewhere.invalid${path}`);
    case 'redirect_other_port':
      return redirectTo(`${strayOrigin}${path}`);
    case 'redirect_downgrade':
      return redirectTo(`http://${hostName}:${strayPort}${path}`);
    case 'redirect_link_local':
      return redirectTo('http://169.254.169.254/latest/meta-data/');
    case 'redirect_localhost':
      return redirectTo(`http://localhost:${strayPort}${path}`);
    case 'redirect_ipv6_loopback':
      return redirectTo(`http://[::1]:${strayPort}${path}`);
    default:
      return undefined;
  }
}
