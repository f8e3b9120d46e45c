import { expect, test } from 'vitest';

import { splitInvisible, visibleText } from '../../src/html/visible-text.ts';

test.each([
  ['plain text, ä ß € 中 🎉', 'plain text, ä ß € 中 🎉'],
  ['a\nb\r\tc', String.raw`a\nb\r\tc`],
  ['a\u0000b\u001b[31m', String.raw`a\u0000b\u001b[31m`],
  ['abc\u202edcb\u2066', String.raw`abc\u202edcb\u2066`],
  ['zero\u200bwidth\ufeff', String.raw`zero\u200bwidth\ufeff`],
  ['half \ud800 pair', String.raw`half \ud800 pair`],
  ['tag \u{e0041}', String.raw`tag \u{e0041}`],
  ['line\u2028separator', String.raw`line\u2028separator`],
])('%j is seen as %j', (text, seen) => {
  expect(visibleText(text)).toBe(seen);
});

test('escapes are told from text that looks like one', () => {
  expect(splitInvisible('\\n\n')).toEqual([
    { text: '\\n', isEscape: false },
    { text: '\\n', isEscape: true },
  ]);
});
