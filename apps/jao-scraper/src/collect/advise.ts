import type { AttemptOutcome } from '@sluice/schemas/jao';

/** What a person can do where asking again alone may not help. */
const advices: Partial<Record<AttemptOutcome, string>> = {
  rejected: 'see what the service says, and ask again later',
  schema:
    'ask again later; if it stays so, the service has changed, and this program has to follow',
  foreign: 'jao-scraper quarantine shows its rows; ask again later',
  failed_check:
    'jao-scraper quarantine shows the answer; if it is sound, give the check another action in the ' +
    'configuration file, and ask again',
  too_large: 'if the answer may be so large, raise JAO_MAX_RESPONSE_BYTES, and ask again',
  http_4xx:
    'the service refuses the question as it is: check --base-url, and what the service says',
  range_refused:
    'the service refuses even one delivery period: leave the day out, or ask its operator',
  redirect_refused: 'if the service has moved for good, give its origin as --base-url',
  dns: 'check --base-url and the name server of this machine, and ask again',
  connect: 'check --base-url, and whether this machine may connect there, and ask again',
  tls:
    "check the certificate of the service and this machine's clock; NODE_EXTRA_CA_CERTS names a file " +
    'of further authorities',
};

const advicesByStatus: Readonly<Record<number, string | undefined>> = {
  401: 'the service shuts this program out: give --contact, and ask its operator',
  403: 'the service shuts this program out: give --contact, and ask its operator',
  404: 'the service has nothing at this path: check --base-url, and whether it still has the dataset',
  // It took too long: that may be over.
  408: undefined,
  410: 'the service has nothing at this path any more: check whether it still has the dataset',
};

/** What to do about a request that failed; undefined where nothing fits but to ask again. */
export function adviseOn({
  outcome,
  status = 0,
}: {
  readonly outcome: AttemptOutcome;
  readonly status?: number | undefined;
}): string | undefined {
  return outcome === 'http_4xx' && status in advicesByStatus
    ? advicesByStatus[status]
    : advices[outcome];
}
