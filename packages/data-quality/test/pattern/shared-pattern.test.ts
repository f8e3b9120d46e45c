import type { textForms } from '@sluice/schemas/expectations';
import { describe, expect, test } from 'vitest';

import { formPatterns } from '../../src/pattern/form-patterns.ts';
import { sharedPattern } from '../../src/pattern/shared-pattern.ts';

describe('a pattern of the shared subset', () => {
  test.each([
    ['abc', 'abc'],
    ['^abc$', 'abc'],
    ['a.c', 'a[^\\n]c'],
    ['(a|b)+', '(?:a|b)+'],
    ['a{2}b{0,3}c{1,}', 'a{2}b{0,3}c{1,}'],
    ['a{02}', 'a{2}'],
    ['[a-z0-9_-]', '[a-z0-9_\\-]'],
    ['[-a]', '[\\-a]'],
    ['[^\\]\\[]', '[^\\]\\[]'],
    ['[a^]', '[a\\^]'],
    ['[$.|?*+(){}]', '[$.|?*+(){}]'],
    ['[\\n\\t]', '[\n\t]'],
    ['\\.\\\\\\n\\-\\/', '\\.\\\\\\n-/'],
    ['é日😀', 'é日😀'],
    ['[à-ü😀-😎]', '[à-ü😀-😎]'],
    ['T[0-9]{1,3}|X', 'T[0-9]{1,3}|X'],
  ])('%j is read as %j', (pattern, shared) => {
    expect(sharedPattern(pattern)).toBe(shared);
  });

  test.each([
    ['\\d+', 'write [0-9]'],
    ['\\w', 'not read alike'],
    ['\\s', 'not read alike'],
    ['\\bword\\b', 'not read alike'],
    ['[[:digit:]]', 'depend on a locale'],
    ['[\\d]', 'not read alike'],
    ['(?=a)b', 'only (…) and (?:…)'],
    ['(?!a)b', 'only (…) and (?:…)'],
    ['(?<=a)b', 'only (…) and (?:…)'],
    ['(?<name>a)', 'only (…) and (?:…)'],
    ['(?i)a', 'only (…) and (?:…)'],
    ['(a)\\1', 'not read alike'],
    ['\\p{L}', 'not read alike'],
    ['\\x41', 'not read alike'],
    ['\\u0041', 'not read alike'],
    ['a*?', 'not greedy'],
    ['a++', 'not greedy'],
    ['a**', 'a repetition of a repetition'],
    ['a{2}{3}', 'a repetition of a repetition'],
    ['a{256}', 'up to 255'],
    ['a{3,2}', 'up to 255'],
    ['a{,2}', 'up to 255'],
    ['a{', 'up to 255'],
    ['(a{100}){11}', 'within repetitions'],
    ['((a{10}){10}){11}', 'within repetitions'],
    ['^a|b$', 'in parentheses'],
    ['a|^b', 'stands where it means nothing'],
    ['a^b', 'stands where it means nothing'],
    ['a$b', 'means nothing'],
    ['*a', 'stands where it means nothing'],
    ['a||b', 'an empty alternative'],
    ['', 'an empty alternative'],
    ['()', 'an empty alternative'],
    ['(a', 'is not closed'],
    ['a)', 'closes nothing'],
    ['a]', 'stands where it means nothing'],
    ['a}', 'stands where it means nothing'],
    ['[]', 'empty brackets'],
    ['[]a]', 'closes nothing|empty brackets|stands where'],
    ['[a', 'ends in the middle'],
    ['[z-a]', 'nothing in it'],
    ['[a-z-9]', 'at an end'],
    ['a\\', 'ends in the middle'],
    ['a\0', 'NUL'],
    ['\ud800', 'surrogate'],
  ])('%j is refused', (pattern, why) => {
    expect(() => sharedPattern(pattern)).toThrow(new RegExp(why.replaceAll(/[[\]()?]/g, '\\$&')));
  });
});

describe('the pattern of a form', () => {
  const isOf = (form: (typeof textForms)[number], text: string): boolean =>
    new RegExp(`^(?:${sharedPattern(formPatterns[form])})$`, 'u').test(text);

  test('takes the days that there are, and no others, over four centuries and at their ends', () => {
    const years = [1, 4, 99, 100, 400, 1600, 1899, 1900, 1996, 2000, 2023, 2024, 2100, 9999];
    for (const year of years) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const date = new Date(0);
          date.setUTCFullYear(year, month - 1, day);
          const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
          const [y, m, d] = [
            String(year).padStart(4, '0'),
            String(month).padStart(2, '0'),
            String(day).padStart(2, '0'),
          ];
          expect(isOf('YYYY-MM-DD', `${y}-${m}-${d}`), `${y}-${m}-${d}`).toBe(isReal);
          expect(isOf('DD.MM.YYYY', `${d}.${m}.${y}`)).toBe(isReal);
          expect(isOf('MM/DD/YYYY', `${m}/${d}/${y}`)).toBe(isReal);
          expect(isOf('YYYYMMDD', `${y}${m}${d}`)).toBe(isReal);
        }
      }
    }
  });

  test.each([
    ['YYYY-MM-DD', '0000-01-01', false],
    ['YYYY-MM-DD', '0000-02-29', false],
    ['YYYY-MM-DD', '2024-1-1', false],
    ['YYYY-MM-DD', ' 2024-01-01', false],
    ['YYYY-MM-DD', '2024-01-01\n', false],
    ['HH:MM', '23:59', true],
    ['HH:MM', '24:00', false],
    ['YYYY-MM-DDTHH:MM:SSZ', '2024-02-29T23:59:59Z', true],
    ['YYYY-MM-DDTHH:MM:SSZ', '2024-02-29T23:59:60Z', false],
    ['integer', '-0', true],
    ['integer', '007', false],
    ['integer', '٣', false],
    ['decimal', '1.5e-3', true],
    ['decimal', '.5', false],
    ['decimal', 'NaN', false],
    ['boolean', 'true', true],
    ['boolean', 'TRUE', false],
    ['uuid', '01890000-0000-7000-8000-00000000000A', true],
    ['hex', 'abc', false],
    ['email', 'a.b+c@example.org', true],
    ['email', "o'neil@x", true],
    ['email', 'a b@example.org', false],
    ['email', 'a@-example.org', false],
    ['email', 'a@example..org', false],
    ['url', 'https://example.org:8080/a?b=c#d', true],
    ['url', 'http://example.org', true],
    ['url', 'ftp://example.org', false],
    ['url', 'https://example.org/a b', false],
    ['ipv4', '192.168.0.255', true],
    ['ipv4', '192.168.0.256', false],
    ['ipv4', '192.168.01.1', false],
    ['ipv4', '192.168.1', false],
  ] as const)('%s: %j %s', (form, text, fits) => {
    expect(isOf(form, text)).toBe(fits);
  });
});
