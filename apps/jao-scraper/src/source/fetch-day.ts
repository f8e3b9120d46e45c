import type { SourceAnswer } from './source-answer.ts';
import type { Source, WindowRequest } from './source.ts';
import { splitWindow } from './split-window.ts';
import type { TimeWindow } from './split-window.ts';

/** An attempt that is on record, and waits for its answer. */
export interface OpenAttempt {
  readonly close: (answer: SourceAnswer) => Promise<void>;
}

/** A business day to be asked for. */
export interface DayRequest extends WindowRequest {
  /** Takes leave for one request, and puts it on record. Called for each part of a split day anew. */
  readonly attempt: (window: TimeWindow) => Promise<OpenAttempt>;
}

/**
 * Asks for a business day in one request, and where the service refuses the range, for its halves, down to
 * one step. Every request is an attempt of its own, and all are made one after the other.
 *
 * Ends at the first answer that brought no body, since a day is whole or nothing, and gives the last one:
 * the day is there if that is `answered` or `not_modified`. A part has no validators of its own, so only
 * the whole day is asked for with them.
 */
export async function fetchDay(
  source: Pick<Source, 'fetchWindow'>,
  { attempt, ...day }: DayRequest,
): Promise<SourceAnswer> {
  const { close } = await attempt(day);
  const answer = await source.fetchWindow(day);
  await close(answer);
  const halves = answer.outcome === 'range_refused' ? splitWindow(day, day.stepMs) : undefined;
  if (halves === undefined) {
    return answer;
  }
  const half = { ...day, attempt, etag: undefined, lastModified: undefined };
  const earlier = await fetchDay(source, { ...half, ...halves[0] });
  return earlier.outcome === 'answered' ? fetchDay(source, { ...half, ...halves[1] }) : earlier;
}
