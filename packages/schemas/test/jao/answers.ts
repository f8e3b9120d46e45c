import { expect } from 'vitest';

import type { DatasetContract } from '../../src/jao/dataset-contract.ts';
import { findDataset } from '../../src/jao/datasets.ts';
import { cellStates } from '../../src/jao/day-answer.ts';
import type { DayAnswer, DayTable } from '../../src/jao/day-answer.ts';
import { parseDayAnswer } from '../../src/jao/parse-day-answer.ts';

/** An ordinary day of 24 hours: 2026-04-19T22:00Z to 2026-04-20T22:00Z. */
export const day = '2026-04-20';

export function dataset(name: string): DatasetContract {
  const contract = findDataset(name);
  if (contract === undefined) {
    expect.fail(`the catalogue has no ${name}`);
  }
  return contract;
}

export const hourly = dataset('core/maxExchanges');
export const assumedHourly = dataset('coreID/IDCCA_maxExchanges');
export const assumedQuarterHourly = dataset('nordic/maxExchanges');

/** The instant of a delivery period of `day`, by its number, as the service writes it. */
export function stamp(index: number, minutes = 60): string {
  const instantMs = Date.parse('2026-04-19T22:00:00Z') + index * minutes * 60_000;
  return new Date(instantMs).toISOString().replace('.000Z', 'Z');
}

/** A row as the service writes it; `cells` is JSON text of members. */
export function row(index: number, cells: string, minutes = 60): string {
  return `{"id":${34_059 + index},"dateTimeUtc":"${stamp(index, minutes)}",${cells}}`;
}

export function answer(...rows: readonly string[]): string {
  return `{"data":[${rows.join(',')}],"rejected":false,"messages":null}`;
}

export function parse(body: string | Uint8Array, contract = hourly, businessDay = day): DayAnswer {
  return parseDayAnswer(
    contract,
    businessDay,
    typeof body === 'string' ? new TextEncoder().encode(body) : body,
  );
}

/** The table of an answer that must be one. */
export function table(body: string | Uint8Array, contract = hourly): DayTable {
  const parsed = parse(body, contract);
  if (parsed.kind !== 'day') {
    expect.fail(parsed.message);
  }
  return parsed.table;
}

/** The refusal of an answer that must be none, with its message checked for its form. */
export function refusal(body: string | Uint8Array, contract = hourly) {
  const parsed = parse(body, contract);
  if (parsed.kind !== 'refused') {
    expect.fail('the answer was taken for a day');
  }
  expect(parsed.message.length).toBeLessThan(500);
  expect(parsed.message).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  return parsed;
}

/** A cell in words: `absent`, `null`, `quarantined`, or its value. */
export function cell(from: DayTable, rowIndex: number, key: string): unknown {
  const column = from.keys.indexOf(key);
  const at = rowIndex * from.keys.length + column;
  const state = column === -1 ? cellStates.absent : from.states[at];
  const value = from.values[at];
  const names = { 0: 'absent', 1: null, 2: value, 3: 'quarantined' } as const;
  expect(state === cellStates.value || value === 0 || column === -1).toBe(true);
  return state === 0 || state === 1 || state === 2 || state === 3 ? names[state] : state;
}
