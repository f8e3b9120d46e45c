import { expect, test } from 'vitest';

import { dayStartMs } from '../src/business-day.ts';
import { faultGroups, faultKinds, isContentFault } from '../src/index.ts';
import type { Fault, FaultKind } from '../src/index.ts';
import { askRaw } from './raw-client.ts';
import { dayUrl, readRows, simulate } from './simulate.ts';

const dataset = 'core/maxExchanges';
const day = '2026-04-20';
const hourMs = 3_600_000;

/** The rows of the day as texts, without a fault and with it. */
async function askWith(fault: Fault): Promise<{ truth: string[]; faulty: string[]; text: string }> {
  const simulator = await simulate();
  const url = dayUrl(simulator, dataset, day);
  const truth = splitRows((await askRaw(url)).body.toString());
  simulator.inject(fault);
  const text = (await askRaw(url)).body.toString();
  expect(simulator.requests[1]).toMatchObject({
    fault: fault.kind,
    isContentFault: true,
    status: 200,
  });
  expect(splitRows((await askRaw(url)).body.toString())).toEqual(truth);
  return { truth, faulty: splitRows(text), text };
}

function splitRows(text: string): string[] {
  const list = /^\{"data":\[(.*)\],"rejected":false,"messages":null\}$/s.exec(text)?.[1] ?? '';
  return list === '' ? [] : list.split(/,(?=\{"id":|null)/);
}

function changedRows(truth: readonly string[], faulty: readonly string[]): number[] {
  return truth.flatMap((row, at) => (row === faulty[at] ? [] : [at]));
}

const number = String.raw`-?\d+\.\d+`;

test.each<[FaultKind, RegExp]>([
  ['drift_number_as_string', new RegExp(`"border_AT_BE":"${number}",`)],
  ['drift_decimal_comma', /"border_AT_BE":"\d+,\d+",/],
  ['drift_null', /"border_AT_BE":null,/],
  ['drift_boolean', /"border_AT_BE":true,/],
  ['drift_object', new RegExp(`"border_AT_BE":\\{"value":${number}\\},`)],
  ['value_1e400', /"border_AT_BE":1e400,/],
  ['value_nan_text', /"border_AT_BE":"NaN",/],
  ['value_beyond_2_53', /"border_AT_BE":9007199254740993,/],
  ['doubled_key_same', new RegExp(`("border_AT_BE":${number}),\\1,`)],
  ['bad_timestamp', /"dateTimeUtc":"2026-02-30T25:00:00Z"/],
])('%s: one field of the second row', async (kind, form) => {
  const { truth, faulty } = await askWith({ kind });
  expect(changedRows(truth, faulty)).toEqual([1]);
  expect(truth).toHaveLength(faulty.length);
  expect(faulty[1]).toMatch(form);
  expect(truth[1]).not.toMatch(form);
});

test('doubled_key_different: the same key twice, with two values', async () => {
  const { faulty } = await askWith({ kind: 'doubled_key_different' });
  const values = [...(faulty[1]?.matchAll(/"border_AT_BE":([^,]+),/g) ?? [])].map(([, v]) => v);
  expect(new Set(values).size).toBe(2);
});

test('a field fault hits the key and the row that it names', async () => {
  const { truth, faulty } = await askWith({
    kind: 'value_1e400',
    key: 'border_SK_SI',
    deliveryStartMs: dayStartMs(day) + 7 * hourMs,
  });
  expect(changedRows(truth, faulty)).toEqual([7]);
  expect(faulty[7]).toMatch(/"border_SK_SI":1e400\}$/);
});

test.each<[FaultKind, (row: string) => boolean]>([
  ['drift_new_key', (row) => row.includes(',"border_XX_YY":123.0,')],
  ['drift_removed_key', (row) => !row.includes('border_AT_BE')],
  ['drift_renamed_key', (row) => row.includes('"border_AT_BE_renamed":')],
  ['drift_proto_key', (row) => row.includes(',"__proto__":123.0,"constructor":124.0,')],
])('%s: every row of the answer', async (kind, isDrifted) => {
  const { truth, faulty } = await askWith({ kind });
  expect(faulty).toHaveLength(24);
  expect(truth.filter(isDrifted)).toEqual([]);
  expect(faulty.filter(isDrifted)).toHaveLength(24);
});

test('duplicate_rows_same: the second row once more', async () => {
  const { truth, faulty } = await askWith({ kind: 'duplicate_rows_same' });
  expect(faulty).toEqual([...truth, truth[1]]);
});

test('duplicate_rows_different: once more, with another value', async () => {
  const { truth, faulty } = await askWith({ kind: 'duplicate_rows_different' });
  expect(faulty.slice(0, 24)).toEqual(truth);
  expect(faulty[24]?.slice(0, 50)).toBe(truth[1]?.slice(0, 50));
  expect(faulty[24]).not.toBe(truth[1]);
});

test('rows_out_of_order: all of them, backwards', async () => {
  const { truth, faulty } = await askWith({ kind: 'rows_out_of_order' });
  expect(faulty).toEqual(truth.toReversed());
});

test('rows_foreign: the hour before the window and the one after it', async () => {
  const { truth, faulty } = await askWith({ kind: 'rows_foreign' });
  expect(faulty.slice(1, -1)).toEqual(truth);
  expect(faulty[0]).toContain('"dateTimeUtc":"2026-04-19T21:00:00Z"');
  expect(faulty.at(-1)).toContain('"dateTimeUtc":"2026-04-20T22:00:00Z"');
});

test('row_is_null: null among the rows', async () => {
  const { truth, faulty } = await askWith({ kind: 'row_is_null' });
  expect(faulty).toEqual(['null', ...truth]);
});

test('missing_hour: one hour is not there, and the others stay where they were', async () => {
  const { truth, faulty } = await askWith({
    kind: 'missing_hour',
    deliveryStartMs: dayStartMs(day) + 5 * hourMs,
  });
  expect(faulty).toEqual(truth.toSpliced(5, 1));
});

test('missing_hour: four rows where rows are of 15 minutes', async () => {
  const simulator = await simulate();
  simulator.inject({ kind: 'missing_hour' });
  expect(await readRows(dayUrl(simulator, 'core/netPos', day))).toHaveLength(92);
});

test('short_page: the first half', async () => {
  const { truth, faulty } = await askWith({ kind: 'short_page' });
  expect(faulty).toEqual(truth.slice(0, 12));
});

test('empty_window: no rows for a day that is out', async () => {
  const { text } = await askWith({ kind: 'empty_window' });
  expect(text).toBe('{"data":[],"rejected":false,"messages":null}');
});

test.each(faultGroups.content)('%s on a day that is not out leaves sound JSON', async (kind) => {
  const simulator = await simulate();
  simulator.inject({ kind });
  const { body } = await askRaw(dayUrl(simulator, dataset, '2026-12-24'));
  expect(JSON.parse(body.toString())).toMatchObject({ rejected: false });
});

test('only content faults are marked as such', () => {
  expect(faultKinds.filter(isContentFault)).toEqual(faultGroups.content);
});
