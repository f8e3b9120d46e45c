import { z } from 'zod';

/**
 * How one request ended, and what became of its answer.
 *
 * - `running`: the request is out, or its process died.
 * - `stored`: at least one cell was added, revised or withdrawn.
 * - `unchanged`: the same values as stored.
 * - `republished`: the same values under new row ids.
 * - `empty`: HTTP 200 with no rows.
 * - `not_modified`: HTTP 304.
 * - `deferred`: an empty or shrunken answer, which withdraws nothing until a second attempt agrees.
 * - `rejected`: HTTP 200 with `rejected: true`.
 * - `empty_body`: HTTP 200 with no body, or one of white space.
 * - `html`: a page where JSON belongs, as in maintenance.
 * - `not_json`: a body that was cut or garbled, or is no UTF-8.
 * - `schema`: JSON of another shape.
 * - `failed_check`: a day that a check kept out: it is in quarantine as a whole, and nothing of it is data.
 * - `foreign`: HTTP 200 with rows, none of which can be told to be of the day that was asked for; all of
 *   them are in quarantine.
 * - `too_large`: over the cap on the decompressed size.
 * - `http_4xx`, `http_429`, `http_5xx`: refused with that status.
 * - `range_refused`: the HTTP 400 that splits a window.
 * - `redirected`: answered with a redirect that was followed: the next attempt is where it led.
 * - `redirect_refused`: a redirect to an origin that is not allowed, or too many.
 * - `dns`, `connect`, `tls`, `connect_timeout`: no connection.
 * - `headers_timeout`, `total_timeout`: no answer, or not all of it, within the deadline.
 * - `reset`, `truncated`: the connection ended before the answer did.
 * - `cancelled`: we stopped it.
 * - `fenced`: the claim was taken over, so that nothing was stored.
 * - `abandoned`: its process died; set by whoever takes the claim over.
 */
export const attemptOutcomes = [
  'running',
  'stored',
  'unchanged',
  'republished',
  'empty',
  'not_modified',
  'deferred',
  'rejected',
  'empty_body',
  'html',
  'not_json',
  'schema',
  'failed_check',
  'foreign',
  'too_large',
  'http_4xx',
  'http_429',
  'http_5xx',
  'range_refused',
  'redirected',
  'redirect_refused',
  'dns',
  'connect',
  'tls',
  'connect_timeout',
  'headers_timeout',
  'total_timeout',
  'reset',
  'truncated',
  'cancelled',
  'fenced',
  'abandoned',
] as const;

/** A member of {@link attemptOutcomes}. */
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** Accepts exactly the members of {@link attemptOutcomes}. */
export const attemptOutcomeSchema = z.enum(attemptOutcomes);

const successes: ReadonlySet<AttemptOutcome> = new Set([
  'stored',
  'unchanged',
  'republished',
  'empty',
  'not_modified',
  'deferred',
]);

/** Whether the service answered as it should, whatever the answer held. */
export function isSuccess(outcome: AttemptOutcome): boolean {
  return successes.has(outcome);
}
