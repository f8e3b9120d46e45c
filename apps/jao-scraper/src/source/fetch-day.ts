import type { FollowedRedirect, SourceAnswer } from './source-answer.ts';
import type { Source, WindowRequest } from './source.ts';
import { splitWindow } from './split-window.ts';
import type { TimeWindow } from './split-window.ts';

/** An attempt that is on record, and waits for its answer. */
export interface OpenAttempt {
  /** Ends it, as a redirect is followed, and takes leave for the next one, and puts that on record. */
  readonly follow: (redirect: FollowedRedirect) => Promise<void>;
  readonly close: (answer: SourceAnswer) => Promise<void>;
}

/** A business day to be asked for. */
export interface DayRequest extends Omit<WindowRequest, 'beforeRedirect'> {
  /** Takes leave for one request, and puts it on record. Called for each part of a split day anew. */
  readonly attempt: (window: TimeWindow) => Promise<OpenAttempt>;
}

/**
 * Asks for a business day in one request, and where the service refuses the range, for its halves, down to
 * one step. Every request is an attempt of its own, also where a redirect is followed, and all are made
 * one after the other.
 *
 * Ends at the first answer that brought no body, since a day is whole or nothing, and gives the last one:
 * the day is there if that is `answered` or `not_modified`. A part has no validators of its own, so only
 * the whole day is asked for with them.
 */
export async function fetchDay(
  source: Pick<Source, 'fetchWindow'>,
  { attempt, ...day }: DayRequest,
): Promise<SourceAnswer> {
  const { follow, close } = await attempt(day);
  const answer = await source.fetchWindow({ ...day, beforeRedirect: follow });
  await close(answer);
  const halves = answer.outcome === 'range_refused' ? splitWindow(day, day.stepMs) : undefined;
  if (halves === undefined) {
    return answer;
  }
  const half = { ...day, attempt, etag: undefined, lastModified: undefined };
  const earlier = await fetchDay(source, { ...half, ...halves[0] });
  return earlier.outcome === 'answered' ? fetchDay(source, { ...half, ...halves[1] }) : earlier;
}
