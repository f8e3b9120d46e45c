import { cellStates } from '@sluice/schemas/jao';
import type { DayTable } from '@sluice/schemas/jao';
import { describe, expect, test } from 'vitest';

import { diffDay } from '../../src/store/diff-day.ts';
import type { StoredCell, StoredDay } from '../../src/store/diff-day.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 1, 23);

type Cell = number | null | 'absent' | 'quarantined';

/** A table from cells by key; row r begins r hours after the start, and has the id 100 + r. */
function tableOf(
  cells: Readonly<Record<string, readonly Cell[]>>,
  overrides: Partial<DayTable> = {},
): DayTable {
  const keys = Object.keys(cells);
  const rowCount = Math.max(0, ...keys.map((key) => cells[key]?.length ?? 0));
  const states = new Uint8Array(rowCount * keys.length);
  const values = new Float64Array(rowCount * keys.length);
  keys.forEach((key, column) => {
    cells[key]?.forEach((cell, row) => {
      const at = row * keys.length + column;
      states[at] =
        cell === null
          ? cellStates.null
          : typeof cell === 'number'
            ? cellStates.value
            : cellStates[cell];
      values[at] = typeof cell === 'number' ? cell : 0;
    });
  });
  return {
    keys,
    rows: Array.from({ length: rowCount }, (_, row) => ({
      deliveryStartMs: startMs + row * hourMs,
      sourceRowId: 100n + BigInt(row),
      sourceModifiedAt: null,
      isQuarantined: false,
    })),
    values,
    states,
    quarantined: [],
    counts: { read: 0, duplicate: 0, quarantined: 0 },
    stepMinutes: 60,
    missingDeliveryStarts: [],
    drift: [],
    ...overrides,
  };
}

function storedDay(
  cells: Readonly<Record<string, readonly (number | null | 'withdrawn' | undefined)[]>>,
): StoredDay {
  return new Map(
    Object.entries(cells).map(([key, values]) => [
      key,
      new Map(
        values.flatMap((value, row): [number, StoredCell][] =>
          value === undefined
            ? []
            : [
                [
                  startMs + row * hourMs,
                  {
                    value: value === 'withdrawn' ? null : value,
                    withdrawn: value === 'withdrawn',
                    sourceRowId: 100n + BigInt(row),
                  },
                ],
              ],
        ),
      ),
    ]),
  );
}

describe('a day is compared with what is stored of it', () => {
  test('every cell of a new day is added, nulls of the source included, absent ones not', () => {
    const diff = diffDay(new Map(), tableOf({ a: [1, null, 'absent'], b: [0, 2, 3] }));
    expect(diff).toMatchObject({ added: 5, revised: 0, unchanged: 0, lacking: [] });
    expect(diff.versions.map(({ key, value, rowIndex }) => [key, rowIndex, value])).toEqual([
      ['a', 0, 1],
      ['a', 1, null],
      ['b', 0, 0],
      ['b', 1, 2],
      ['b', 2, 3],
    ]);
  });

  test('null, absent and 0 are three things', () => {
    const stored = storedDay({ a: [0, 0, null, null, undefined] });
    const diff = diffDay(stored, tableOf({ a: [null, 'absent', 0, null, 0], b: [1, 1, 1, 1, 1] }));
    expect(diff).toMatchObject({ added: 6, revised: 2, unchanged: 1 });
    expect(diff.lacking).toEqual([{ key: 'a', deliveryStartMs: startMs + hourMs, hasRow: true }]);
  });

  test('a withdrawn cell that comes back is a revision, with its old value too', () => {
    const diff = diffDay(
      storedDay({ a: ['withdrawn', 'withdrawn'] }),
      tableOf({ a: [7, 'absent'] }),
    );
    expect(diff).toMatchObject({ added: 0, revised: 1, lacking: [] });
  });

  test('a quarantined cell is neither a version nor lacking', () => {
    const diff = diffDay(storedDay({ a: [1, 2] }), tableOf({ a: ['quarantined', 3] }));
    expect(diff).toMatchObject({ revised: 1, unchanged: 0, lacking: [] });
  });

  test('a quarantined row says nothing of any key', () => {
    const table = tableOf({ a: ['quarantined', 2] });
    const rows = table.rows.map((row, index) => ({ ...row, isQuarantined: index === 0 }));
    const diff = diffDay(storedDay({ a: [1, 2], b: [1, 2] }), { ...table, rows });
    expect(diff.lacking).toEqual([{ key: 'b', deliveryStartMs: startMs + hourMs, hasRow: true }]);
  });

  test('a row whose time could not be read may be any: then nothing lacks', () => {
    const quarantined = [
      {
        reason: 'bad_timestamp',
        pointer: '/data/1',
        raw: '{}',
        key: null,
        deliveryStartMs: null,
        message: '',
      },
    ] as const;
    const stored = storedDay({ a: [1, 2], b: [1, 2] });
    const diff = diffDay(stored, tableOf({ a: [1] }, { quarantined }));
    expect(diff.lacking).toEqual([]);
  });

  test('a vanished key and a vanished row lack all their cells, in order', () => {
    const diff = diffDay(storedDay({ b: [1, 2], a: [1, 2] }), tableOf({ a: [1] }));
    expect(diff.lacking).toEqual([
      { key: 'a', deliveryStartMs: startMs + hourMs, hasRow: false },
      { key: 'b', deliveryStartMs: startMs, hasRow: true },
      { key: 'b', deliveryStartMs: startMs + hourMs, hasRow: false },
    ]);
  });

  test('equal values under new row ids are told', () => {
    const table = tableOf({ a: [1, 2] });
    const rows = table.rows.map((row) => ({ ...row, sourceRowId: 900n }));
    expect(diffDay(storedDay({ a: [1, 2] }), table).hasRenewedRowIds).toBe(false);
    expect(diffDay(storedDay({ a: [1, 2] }), { ...table, rows })).toMatchObject({
      unchanged: 2,
      hasRenewedRowIds: true,
    });
  });

  test('-0 is no revision of 0, as the database tells them not apart', () => {
    expect(diffDay(storedDay({ a: [0] }), tableOf({ a: [-0] })).unchanged).toBe(1);
  });
});
