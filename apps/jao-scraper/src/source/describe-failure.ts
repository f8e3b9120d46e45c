import { oneLine } from './one-line.ts';

const maxMessageLength = 1_000;

/**
 * What was asked for and what was wrong with it, in one printable line of at most 1,000 characters. The URL
 * names the window: `fetch https://host/core/api/data/atc?FromUtc=2022-…Z&ToUtc=2022-…Z: HTTP 503`.
 */
export function describeFailure(url: string, reason: string): string {
  return oneLine(`fetch ${url}: ${reason}`, maxMessageLength);
}
