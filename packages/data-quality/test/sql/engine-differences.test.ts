import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openEngines } from '../engines.ts';
import type { Engines } from '../engines.ts';

/**
 * Where the engines differ when they are asked the same, which is what this package is written around.
 * A version that differs no longer, or elsewhere, is found here.
 */
let engines: Engines;

beforeAll(async () => {
  engines = await openEngines();
});

afterAll(async () => {
  await engines.close();
});

/** What each says to one expression, as text, or that it is an error. */
async function both(
  expression: string,
): Promise<{ duckdb: string | null; postgres: string | null }> {
  const ask = async (name: 'duckdb' | 'postgres'): Promise<string | null> => {
    try {
      const [row] = await engines[name].read((session) =>
        session.rows({ text: `select (${expression})::text as answer`, values: [] }),
      );
      return row?.['answer'] ?? null;
    } catch {
      return 'error';
    }
  };
  return { duckdb: await ask('duckdb'), postgres: await ask('postgres') };
}

describe('the engines differ', () => {
  test.each([
    ['~ is a match of the whole text, or of a part', `'abc' ~ 'b'`, 'false', 'true'],
    ['a dot matches a line feed, or not', `'a\nb' ~ '^a.b$'`, 'false', 'true'],
    ['letters of \\w', `'é' ~ '^\\w$'`, 'false', 'true'],
    ['LIKE has a backslash as its escape by default, or none', `'a%' like 'a\\%'`, 'false', 'true'],
    ['a quotient of integers', `1 / 2`, '0.5', '0'],
    ['zero has its sign in text', `'-0'::float8`, '-0.0', '-0'],
    ['whole doubles in text', `100::float8`, '100.0', '100'],
    ['infinity in text', `'Infinity'::float8`, 'inf', 'Infinity'],
    [
      'rounding of a rank',
      `(select percentile_disc(0.07) within group (order by x) from unnest(array[${Array.from({ length: 100 }, (_, index) => index + 1).join(', ')}]) as t (x))`,
      '7',
      '8',
    ],
    [
      'a deviation with an infinity',
      `(select stddev_samp(x) from (values ('Infinity'::float8), (1)) as t (x))`,
      'error',
      'NaN',
    ],
    [
      'a sum of doubles that is too large',
      `(select sum(x) from (values (1e308::float8), (1e308::float8)) as t (x))`,
      'inf',
      'error',
    ],
    ['a number where a truth is wanted', `not 5`, 'false', 'error'],
    ['case of a quoted name', `(select "X" from (select 1 as "x") as t)`, '1', 'error'],
    [
      'date_trunc of a date',
      `date_trunc('month', date '2024-03-05')`,
      '2024-03-01 00:00:00',
      '2024-03-01 00:00:00+00',
    ],
  ])('%s', async (_, expression, duckdb, postgres) => {
    expect(await both(expression)).toEqual({ duckdb, postgres });
  });
});

describe('the engines agree', () => {
  test.each([
    ['NaN equals itself', `'NaN'::float8 = 'NaN'::float8`, 'true'],
    ['NaN is above all', `'NaN'::float8 > 'Infinity'::float8`, 'true'],
    ['zeros are equal', `'-0'::float8 = 0::float8`, 'true'],
    [
      'zeros are one group, and so are NaNs',
      `(select count(*) from (select x from (values ('-0'::float8), ('0'), ('NaN'), ('NaN')) as t (x) group by x) as g)`,
      '2',
    ],
    ['length in code points', `length('🤦🏼‍♂️')`, '5'],
    ['é is not e and an accent', `'\u00e9' = 'e\u0301'`, 'false'],
    ['blanks at the end count', `'a' = 'a '`, 'false'],
    ['_ is one code point', `'日' like '_' escape '\\'`, 'true'],
    ['C before everything', `'Z' collate "C" < 'a' collate "C"`, 'true'],
    ['bytes of UTF-8', `'\u{ffff}' collate "C" < '\u{10000}' collate "C"`, 'true'],
    ['a half-open class includes a line feed', `'a\nb' ~ '^a[^x]b$'`, 'true'],
    [
      'a zone where none belongs is dropped, and the time with it is another',
      `'2024-01-01T00:00:00+02:00'::timestamp`,
      '2024-01-01 00:00:00',
    ],
    ['a microsecond', `'2024-01-01 00:00:00.000001'::timestamp`, '2024-01-01 00:00:00.000001'],
    [
      'weeks begin on Monday',
      `date_trunc('week', timestamp '2024-03-03 10:00:00')`,
      '2024-02-26 00:00:00',
    ],
  ])('%s', async (_, expression, answer) => {
    expect(await both(expression)).toEqual({ duckdb: answer, postgres: answer });
  });
});
