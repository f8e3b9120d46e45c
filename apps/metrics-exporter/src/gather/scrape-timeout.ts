/** What Prometheus waits for unless it is told otherwise. */
const defaultTimeoutMs = 10_000;
/** Left for the answer itself. */
const offsetMs = 500;
/** However short a scrape's time is: what is known at once is better than nothing. */
const shortestMs = 10;
const longestMs = 120_000;

/**
 * How long a scrape may take that has this header, `X-Prometheus-Scrape-Timeout-Seconds`: half a second
 * less than it says. Without one, or with one that is no number, Prometheus' usual ten seconds count.
 */
export function scrapeTimeoutMs(header: string | undefined): number {
  const seconds = header === undefined || header.trim() === '' ? NaN : Number(header);
  const timeoutMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : defaultTimeoutMs;
  return Math.min(longestMs, Math.max(shortestMs, timeoutMs - offsetMs));
}
