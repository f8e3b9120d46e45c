import { describe, expect, test } from 'vitest';

import { cellStates, isOfAnotherDay } from '../../src/jao/day-answer.ts';
import {
  answer,
  assumedHourly,
  assumedQuarterHourly,
  cell,
  dataset,
  hourly,
  parse,
  row,
  stamp,
  table,
} from './answers.ts';

const one = '"border_AT_BE":1.0';
const wholeDay = (minutes: number) =>
  Array.from({ length: (24 * 60) / minutes }, (_, index) => row(index, one, minutes));

describe('an answer as the service writes it', () => {
  test('becomes a table by delivery period and key', () => {
    const parsed = table(
      answer(row(0, '"border_AT_BE":4346.0,"border_BE_AT":0.0'), row(1, '"border_AT_BE":null')),
    );
    expect(parsed).toMatchObject({
      keys: ['border_AT_BE', 'border_BE_AT'],
      rows: [
        { deliveryStartMs: Date.parse('2026-04-19T22:00:00Z'), sourceRowId: 34_059n },
        { deliveryStartMs: Date.parse('2026-04-19T23:00:00Z'), sourceRowId: 34_060n },
      ],
      quarantined: [],
      counts: { read: 3, duplicate: 0, quarantined: 0 },
      stepMinutes: 60,
      drift: [],
    });
    expect(parsed.missingDeliveryStarts).toHaveLength(22);
  });

  test('keeps null, absent and 0 apart', () => {
    const parsed = table(
      answer(
        row(0, '"border_AT_BE":0,"border_BE_AT":null'),
        row(1, '"border_AT_BE":-0.0,"border_AT_CZ":2'),
      ),
    );
    expect(cell(parsed, 0, 'border_AT_BE')).toBe(0);
    expect(cell(parsed, 1, 'border_AT_BE')).toBe(-0);
    expect(cell(parsed, 0, 'border_BE_AT')).toBeNull();
    expect(cell(parsed, 1, 'border_BE_AT')).toBe('absent');
    expect(cell(parsed, 0, 'border_AT_CZ')).toBe('absent');
  });

  test('with no rows is a day with nothing', () => {
    const parsed = table('{"data":[],"rejected":false,"messages":null}');
    expect(parsed).toMatchObject({ keys: [], rows: [], quarantined: [], drift: [] });
    expect(parsed.missingDeliveryStarts).toHaveLength(24);
  });

  test('may count its rows, and name members that are new, which is drift', () => {
    const parsed = table(
      `{"data":[${row(0, one)}],"rejected":false,"messages":null,"totalRows":1,"totalRowsWithFilter":1,"page":2}`,
    );
    expect(parsed.drift).toEqual([{ kind: 'unknown_field', value: 'page' }]);
  });

  test('may be spaced, and have its rows in any order', () => {
    const spaced = JSON.stringify(
      {
        messages: null,
        rejected: false,
        data: [2, 0, 1].map((index) => JSON.parse(row(index, one)) as unknown),
      },
      null,
      2,
    );
    expect(table(spaced)).toEqual(table(answer(row(0, one), row(1, one), row(2, one))));
  });
});

test.each([
  ['2025-03-30', '2025-03-29T23:00:00Z', 23],
  ['2025-10-26', '2025-10-25T22:00:00Z', 25],
])('%s, on which the clocks change, is complete', (changeDay, start, hours) => {
  const rows = Array.from({ length: hours }, (_, index) => {
    const instant = new Date(Date.parse(start) + index * 3_600_000).toISOString();
    return `{"id":${index},"dateTimeUtc":"${instant}","border_AT_BE":${index}}`;
  });
  const parsed = parse(answer(...rows), hourly, changeDay);
  expect(parsed).toMatchObject({
    table: { quarantined: [], missingDeliveryStarts: [], drift: [] },
  });
  const [, ...rest] = rows;
  const gap = parse(answer(...rest), hourly, changeDay);
  expect(gap).toMatchObject({ table: { missingDeliveryStarts: [Date.parse(start)] } });
});

describe('a cell that breaks the contract', () => {
  test.each([
    ['"1,5"', 'not_a_number'],
    ['"1.5"', 'not_a_number'],
    ['""', 'not_a_number'],
    ['true', 'not_a_number'],
    ['false', 'not_a_number'],
    ['{"value":1}', 'not_a_number'],
    ['[1]', 'not_a_number'],
    ['1e400', 'not_finite'],
    ['-1e400', 'not_finite'],
    ['1'.repeat(400), 'not_finite'],
  ])('%s is put aside as %s, and costs no other cell', (raw, reason) => {
    const parsed = table(answer(row(0, one), row(1, `"border_AT_BE":${raw},"border_BE_AT":7`)));
    expect(parsed.quarantined).toEqual([
      {
        reason,
        pointer: '/data/1/border_AT_BE',
        raw,
        key: 'border_AT_BE',
        deliveryStartMs: Date.parse(stamp(1)),
        message: expect.stringContaining('border_AT_BE is ') as string,
      },
    ]);
    expect(cell(parsed, 0, 'border_AT_BE')).toBe(1);
    expect(cell(parsed, 1, 'border_AT_BE')).toBe('quarantined');
    expect(cell(parsed, 1, 'border_BE_AT')).toBe(7);
    expect(parsed.quarantined[0]?.message.length).toBeLessThan(200);
  });

  test.each([
    ['empty', ''],
    ['with a NUL', 'border_\\u0000'],
    ['with a line end', 'border_\\n'],
    ['with half a character', 'border_\\ud800'],
    ['too long', 'b'.repeat(201)],
  ])('has a key that can name no series: %s', (_, key) => {
    const parsed = table(answer(row(0, `"${key}":5,${one}`)));
    expect(parsed.keys).toEqual(['border_AT_BE']);
    expect(parsed.quarantined).toMatchObject([{ reason: 'bad_key', key: null, raw: '5' }]);
    expect(JSON.stringify(parsed.quarantined[0]?.pointer)).not.toMatch(/\\u|\\n/);
  });

  test('has all of its raw text, also where that is long, and its pointer escaped', () => {
    const parsed = table(answer(row(0, `"a/b~c":"${'😀'.repeat(5000)}"`)));
    expect(parsed.quarantined[0]?.pointer).toBe('/data/0/a~1b~0c');
    expect(parsed.quarantined[0]?.raw).toBe(`"${'😀'.repeat(5000)}"`);
  });
});

test('keys named as parts of objects are keys like any other, and drift', () => {
  const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
  const parsed = table(answer(row(0, names.map((name, index) => `"${name}":${index}`).join())));
  expect(parsed.keys).toEqual(names);
  expect(parsed.drift).toEqual(names.map((value) => ({ kind: 'key_pattern', value })));
  expect(cell(parsed, 0, '__proto__')).toBe(0);
});

describe('a row that breaks the contract', () => {
  const timed = (dateTimeUtc: string) => `{"id":1,"dateTimeUtc":${dateTimeUtc},"border_XX_YY":9}`;
  test.each([
    ['no time stamp', '{"id":1,"border_XX_YY":9}', 'bad_timestamp'],
    ['null', timed('null'), 'bad_timestamp'],
    ['a number', timed('1776636000'), 'bad_timestamp'],
    ['no zone', timed('"2026-04-19T22:00:00"'), 'bad_timestamp'],
    ['a day alone', timed('"2026-04-20"'), 'bad_timestamp'],
    ['words', timed('"soon"'), 'bad_timestamp'],
    ['no real day', timed('"2026-02-30T00:00:00Z"'), 'bad_timestamp'],
    ['the middle of a period', timed('"2026-04-20T00:15:00Z"'), 'bad_timestamp'],
    ['a part of a millisecond', timed('"2026-04-20T00:00:00.000001Z"'), 'bad_timestamp'],
    ['the day before', timed('"2026-04-19T21:00:00Z"'), 'foreign_row'],
    ['the day after', timed('"2026-04-20T22:00:00Z"'), 'foreign_row'],
    ['a row that is none', '7', 'not_an_object'],
    ['a row that is a list', '[]', 'not_an_object'],
    ['a row that is null', 'null', 'not_an_object'],
  ])('%s: is put aside, and adds neither period nor key', (_, bad, reason) => {
    const parsed = table(answer(row(0, one), bad, row(1, one)));
    expect(parsed.quarantined).toMatchObject([
      {
        reason,
        pointer: '/data/1',
        raw: bad,
        key: null,
        deliveryStartMs: null,
      },
    ]);
    expect(parsed.counts).toEqual({ read: 3, duplicate: 0, quarantined: 1 });
    expect(parsed.keys).toEqual(['border_AT_BE']);
    expect(parsed.rows).toHaveLength(2);
  });

  test.each([
    ['"2026-04-19T22:00:00.000Z"', 0],
    ['"2026-04-20T00:00:00+02:00"', 0],
    ['"2026-04-19T22:00:00\\u005a"', 0],
  ])('none does that says its time as %s', (time, quarantined) => {
    expect(table(answer(timed(time))).quarantined).toHaveLength(quarantined);
  });

  test('by naming a member twice spoils its delivery period, for every key', () => {
    const doubled = row(1, '"border_AT_BE":1,"border_BE_AT":2,"border_AT_B\\u0045":1');
    const parsed = table(answer(row(0, one), doubled));
    expect(parsed.quarantined).toMatchObject([
      { reason: 'duplicate_key', pointer: '/data/1', deliveryStartMs: Date.parse(stamp(1)) },
    ]);
    expect(parsed.rows[1]).toMatchObject({ isQuarantined: true, sourceRowId: null });
    expect(cell(parsed, 1, 'border_AT_BE')).toBe('quarantined');
    expect(cell(parsed, 1, 'border_BE_AT')).toBe('quarantined');
    expect(cell(parsed, 0, 'border_AT_BE')).toBe(1);
  });

  test('by naming a member twice is found where the row before had the second one', () => {
    const parsed = table(answer(row(0, '"a":1,"b":2'), row(1, '"b":3,"b":4')));
    expect(parsed.quarantined).toMatchObject([{ reason: 'duplicate_key', pointer: '/data/1' }]);
  });

  test('by naming its time twice may stand for any period', () => {
    const doubled = `{"dateTimeUtc":"${stamp(1)}","dateTimeUtc":"${stamp(1)}",${one}}`;
    const parsed = table(answer(doubled));
    expect(parsed.quarantined).toMatchObject([{ reason: 'duplicate_key', deliveryStartMs: null }]);
    expect(parsed.rows).toEqual([]);
  });
});

describe('an answer', () => {
  test('counts its cells as they are written, whatever becomes of them', () => {
    const foreign = `{"dateTimeUtc":"2026-05-01T00:00:00Z","a":1,"b":2}`;
    const doubled = row(1, '"a":1,"b":2,"b":3');
    const faulty = row(2, '"a":"x","b":1e999,"":3,"c":4');
    const parsed = table(answer(row(0, '"a":1,"b":null'), foreign, doubled, faulty, 'null'));
    expect(parsed.counts).toEqual({ read: 12, duplicate: 0, quarantined: 2 + 3 + 3 + 1 });
    expect(parsed.states.filter((state) => state === 1 || state === 2)).toHaveLength(3);
  });

  test.each([
    ['no row', '', false],
    ['a row of the day', row(0, one), false],
    ['rows that say its periods twice', [row(0, '"a":1'), row(0, '"a":2')].join(), false],
    ['rows of other days', '{"dateTimeUtc":"2026-05-01T00:00:00Z","a":1}', true],
    ['rows without a time', '{"a":1},null', true],
    ['one of each', `{"a":1},${row(0, one)}`, false],
  ])('with %s is of another day: %s', (_, rows, isForeign) => {
    expect(isOfAnotherDay(table(answer(rows)))).toBe(isForeign);
  });
});

describe('two rows of one delivery period', () => {
  const first = row(0, '"border_AT_BE":1.0,"border_BE_AT":null');

  test('with equal values are one, whatever their ids, order and writing', () => {
    const again = `{"border_BE_AT":null,"border_AT_BE":1e0,"dateTimeUtc":"${stamp(0)}","id":9}`;
    const parsed = table(answer(first, again, first));
    expect(parsed).toMatchObject({
      counts: { read: 6, duplicate: 4, quarantined: 0 },
      quarantined: [],
    });
    expect(parsed.rows).toMatchObject([{ sourceRowId: 34_059n, isQuarantined: false }]);
  });

  test.each([
    ['another value', '"border_AT_BE":2.0,"border_BE_AT":null'],
    ['a null', '"border_AT_BE":null,"border_BE_AT":null'],
    ['a value instead of a null', '"border_AT_BE":1.0,"border_BE_AT":0'],
    ['a key less', '"border_AT_BE":1.0'],
    ['a key more', '"border_AT_BE":1.0,"border_BE_AT":null,"border_AT_CZ":1'],
    ['another key', '"border_AT_BE":1.0,"border_AT_CZ":null'],
    ['a value that is none', '"border_AT_BE":"1.0","border_BE_AT":null'],
  ])('with %s are both put aside', (_, cells) => {
    const parsed = table(answer(row(1, one), first, row(0, cells), first));
    expect(parsed.quarantined).toMatchObject([
      { reason: 'conflicting_rows', pointer: '/data/1', deliveryStartMs: Date.parse(stamp(0)) },
      { reason: 'conflicting_rows', pointer: '/data/2', deliveryStartMs: Date.parse(stamp(0)) },
    ]);
    expect(parsed).toMatchObject({
      counts: { duplicate: 2, quarantined: 2 + cells.split(',').length },
      rows: [{ isQuarantined: true }, {}],
    });
    expect(parsed.states.subarray(0, parsed.keys.length)).toEqual(
      new Uint8Array(parsed.keys.length).fill(cellStates.quarantined),
    );
    expect(parsed.missingDeliveryStarts).toHaveLength(22);
  });

  test('with the same bad cell are one row with one bad cell, and with others two', () => {
    const bad = (value: string) => row(0, `"border_AT_BE":${value}`);
    expect(table(answer(bad('"x"'), bad('"x"'))).quarantined).toHaveLength(1);
    expect(table(answer(bad('"x"'), bad('"y"'))).quarantined).toMatchObject([
      { reason: 'conflicting_rows' },
      { reason: 'conflicting_rows' },
    ]);
  });
});

describe('the fields of a row that are no series', () => {
  const withFields = (fields: string) =>
    table(answer(`{${fields},"dateTimeUtc":"${stamp(0)}",${one}}`));

  test.each([
    ['"id":9007199254740993', 9_007_199_254_740_993n],
    ['"id":9223372036854775807', 9_223_372_036_854_775_807n],
    ['"id":"12"', 12n],
    ['"id":-1', -1n],
    ['"id":null', null],
    ['"rejected":null', null],
  ])('%s is taken from its digits', (field, sourceRowId) => {
    expect(withFields(field).rows[0]?.sourceRowId).toBe(sourceRowId);
  });

  test.each(['"id":1.5', '"id":9223372036854775808', '"id":"x"', '"id":{}', '"id":true'])(
    '%s is left out, and drift',
    (field) => {
      const parsed = withFields(field);
      expect(parsed.rows[0]?.sourceRowId).toBeNull();
      expect(parsed.drift).toEqual([{ kind: 'field_type', value: 'id' }]);
    },
  );

  test.each([
    ['"2026-04-19T07:26:01.123"', '2026-04-19T07:26:01.123', 0],
    ['"2026-04-19T07:26:01.12"', '2026-04-19T07:26:01.12', 0],
    ['"2026-04-19T07:26:01"', '2026-04-19T07:26:01', 0],
    ['"2026-04-19T07:26:01.1234567"', '2026-04-19T07:26:01.123456', 0],
    ['null', null, 0],
    ['"2026-04-19T07:26:01Z"', null, 1],
    ['"2026-02-30T07:26:01"', null, 1],
    ['"yesterday"', null, 1],
    ['17', null, 1],
  ])('lastModifiedOn %s is kept as %s', (written, kept, drifts) => {
    const parsed = withFields(`"lastModifiedOn":${written}`);
    expect(parsed.keys).toEqual(['border_AT_BE']);
    expect(parsed.rows[0]?.sourceModifiedAt).toBe(kept);
    expect(parsed.drift).toHaveLength(drifts);
  });

  test('and those that a contract names are neither series nor quarantine', () => {
    const body = answer(row(0, '"ttc_LimitedBy":"Smoothing ramp","border_AT_IT":555'));
    const parsed = table(body, dataset('ibwt/CCR_FinalTtcNtc'));
    expect(parsed).toMatchObject({ keys: ['border_AT_IT'], quarantined: [] });
    expect(table(body).quarantined).toMatchObject([{ key: 'ttc_LimitedBy' }]);
  });
});

describe('the step', () => {
  test.each([
    ['as expected', hourly, 60, 60, []],
    ['a quarter of an hour where hours are assumed', assumedHourly, 15, 15, ['PT15M']],
    ['hours where hours are assumed', assumedHourly, 60, 60, []],
    ['hours where quarters are assumed', assumedQuarterHourly, 60, 60, ['PT60M']],
    ['quarters where quarters are assumed', assumedQuarterHourly, 15, 15, []],
  ])('%s leaves no gap in a whole day', (_, contract, minutes, step, drift) => {
    const parsed = table(answer(...wholeDay(minutes)), contract);
    expect(parsed.quarantined).toEqual([]);
    expect(parsed).toMatchObject({ stepMinutes: step, missingDeliveryStarts: [] });
    expect(parsed.rows).toHaveLength((24 * 60) / minutes);
    expect(parsed.drift).toEqual(drift.map((value) => ({ kind: 'step', value })));
  });

  test('is still seen where a row is missing, and the gap is told in that step', () => {
    const quarters = table(answer(...wholeDay(15).slice(1)), assumedHourly);
    expect(quarters.missingDeliveryStarts).toEqual([Date.parse(stamp(0))]);
    const hours = table(answer(...wholeDay(60).slice(1)), assumedQuarterHourly);
    expect(hours.missingDeliveryStarts).toEqual([Date.parse(stamp(0))]);
  });

  test('is not seen in rows that are too few for it', () => {
    const parsed = table(answer(...wholeDay(60).slice(0, 12)), assumedQuarterHourly);
    expect(parsed).toMatchObject({ stepMinutes: 15, drift: [] });
    expect(parsed.missingDeliveryStarts).toHaveLength(84);
  });

  test('is not changed by one stray row', () => {
    const parsed = table(answer(...wholeDay(60), row(1, one, 15)), assumedHourly);
    expect(parsed).toMatchObject({ stepMinutes: 60, quarantined: [], drift: [] });
    expect(parsed.rows).toHaveLength(25);
  });

  test('that is certain puts rows between aside', () => {
    const parsed = table(answer(...wholeDay(15)), hourly);
    expect(parsed.rows).toHaveLength(24);
    expect(parsed.quarantined).toHaveLength(72);
    expect(parsed.missingDeliveryStarts).toEqual([]);
  });

  test('that is certain stays, and hours in place of quarters leave gaps and are drift', () => {
    const parsed = table(answer(...wholeDay(60)), dataset('core/atc'));
    expect(parsed).toMatchObject({ stepMinutes: 15, drift: [{ kind: 'step', value: 'PT60M' }] });
    expect(parsed.missingDeliveryStarts).toHaveLength(72);
  });
});

test('a day that is none is an error of whoever asks', () => {
  expect(() => parse(answer(row(0, one)), hourly, '2026-02-30')).toThrow(RangeError);
});
