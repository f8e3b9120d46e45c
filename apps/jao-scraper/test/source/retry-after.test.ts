import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseHttpDate } from '../../src/source/http-date.ts';
import { parseRetryAfter } from '../../src/source/retry-after.ts';

const nowMs = Date.parse('2026-04-20T08:30:00Z');
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const maxMs = 15 * minuteMs;

/** Instants that HTTP can write: whole seconds. */
const httpInstant = fc
  .integer({ min: -30 * 365 * 24 * 3600, max: 30 * 365 * 24 * 3600 })
  .map((seconds) => nowMs + seconds * 1000);

function asctime(instantMs: number): string {
  const [weekday, day, month, year, time] = new Date(instantMs).toUTCString().split(/,? /);
  return `${weekday} ${month} ${String(Number(day)).padStart(2, ' ')} ${time} ${year}`;
}

function rfc850(instantMs: number): string {
  const [, day, month, year, time] = new Date(instantMs).toUTCString().split(/,? /);
  return `Saturday, ${day}-${month}-${year?.slice(2)} ${time} GMT`;
}

const forms = [(instantMs: number) => new Date(instantMs).toUTCString(), asctime, rfc850];

describe('an HTTP date', () => {
  test('is read in each of its three forms', () => {
    for (const text of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]) {
      expect(parseHttpDate(text, nowMs)).toBe(Date.parse('1994-11-06T08:49:37Z'));
    }
  });

  test('of any instant is that instant', () => {
    fc.assert(
      fc.property(httpInstant, fc.constantFrom(...forms), (instantMs, write) => {
        expect(parseHttpDate(write(instantMs), nowMs)).toBe(instantMs);
      }),
    );
  });

  test.each([
    ['', 'nothing'],
    ['-1', 'a number'],
    ['2026-04-20T08:30:00Z', 'ISO 8601'],
    ['Mon, 20 Apr 2026 08:30:00', 'no zone'],
    ['Mon, 20 Apr 2026 08:30:00 CEST', 'another zone'],
    ['Mon, 31 Apr 2026 08:30:00 GMT', 'a day that the month has not'],
    ['Mon, 29 Feb 2026 08:30:00 GMT', 'a leap day of another year'],
    ['Mon, 00 Apr 2026 08:30:00 GMT', 'day 0'],
    ['Mon, 20 Avr 2026 08:30:00 GMT', 'another language'],
    ['Mon, 20 Apr 2026 24:00:00 GMT', 'hour 24'],
    ['Mon, 20 Apr 2026 08:60:00 GMT', 'minute 60'],
    [' Mon, 20 Apr 2026 08:30:00 GMT', 'white space'],
  ])('%j is none: %s', (text) => {
    expect(parseHttpDate(text, nowMs)).toBeUndefined();
  });

  test('a leap second is the next minute, and the year 99 is the nearer one', () => {
    expect(parseHttpDate('Tue, 30 Jun 2015 23:59:60 GMT', nowMs)).toBe(Date.parse('2015-07-01'));
    expect(parseHttpDate('Friday, 31-Dec-99 23:59:59 GMT', nowMs)).toBe(
      Date.parse('1999-12-31T23:59:59Z'),
    );
    expect(parseHttpDate('Friday, 31-Dec-76 00:00:00 GMT', nowMs)).toBe(Date.parse('2076-12-31'));
  });
});

describe('Retry-After', () => {
  const parse = (retryAfter: string | undefined, date?: string) =>
    parseRetryAfter({ retryAfter, date }, { nowMs });

  test('any text at all is a wait from 0 to the cap, or none', () => {
    const text = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      httpInstant.map((instantMs) => new Date(instantMs).toUTCString()),
    );
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), (retryAfter, date) => {
        const waitMs = parse(retryAfter, date);
        expect(waitMs === undefined || (waitMs >= 0 && waitMs <= maxMs)).toBe(true);
      }),
    );
  });

  test('seconds are seconds up to the cap, whatever the clocks say', () => {
    fc.assert(
      fc.property(fc.nat(), httpInstant, (seconds, dateMs) => {
        expect(parse(String(seconds), new Date(dateMs).toUTCString())).toBe(
          Math.min(seconds * 1000, maxMs),
        );
      }),
    );
    expect(parse('9'.repeat(400))).toBe(maxMs);
    expect(parse(' 5 ')).toBe(5000);
  });

  test('a date is a wait by the clock of the server, however wrong that is within a day', () => {
    const error = fc.integer({ min: -24 * 3600, max: 24 * 3600 });
    fc.assert(
      fc.property(error, fc.integer({ min: 0, max: 5000 }), (errorSeconds, waitSeconds) => {
        const serverMs = nowMs + errorSeconds * 1000;
        const until = new Date(serverMs + waitSeconds * 1000).toUTCString();
        expect(parse(until, new Date(serverMs).toUTCString())).toBe(
          Math.min(waitSeconds * 1000, maxMs),
        );
      }),
    );
  });

  test.each([
    ['is absent', undefined],
    ['is no date', 'yesterday'],
    ['is of a clock that was never set', 'Thu, 01 Jan 1970 00:00:12 GMT'],
  ])('a date is a wait by the local clock where Date %s', (_name, date) => {
    expect(parse('Mon, 20 Apr 2026 08:31:30 GMT', date)).toBe(1.5 * minuteMs);
  });

  test('a date that is past asks for nothing, and one that is now for no wait', () => {
    const date = new Date(nowMs + hourMs).toUTCString();

    expect(parse('Mon, 20 Apr 2026 08:31:00 GMT', date)).toBeUndefined();
    expect(parse(date, date)).toBe(0);
  });

  test.each([undefined, '', '-1', '+5', '1.5', '1e3', '0x10', '5 minutes', '٥', 'Infinity'])(
    '%j asks for nothing',
    (text) => {
      expect(parse(text)).toBeUndefined();
    },
  );
});
