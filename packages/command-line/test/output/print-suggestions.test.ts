import type { Suggestion } from '@sluice/schemas/expectations';
import { expect, test } from 'vitest';

import { printSuggestions } from '../../src/index.ts';

const suggestion: Suggestion = {
  expectation: { id: 'a.b.filled', kind: 'not_null', column: 'b', warn: { percent: 1.9 } },
  code: "{ id: 'a.b.filled', kind: 'not_null', column: 'b', warn: { percent: 1.9 } },",
  evidence: '1 of 300 rows without a value',
  tested: 300,
  exceptions: 1,
  atMostPercent: 1.86,
  examples: [
    { id: 7n, name: 'x\u001b[31m' },
    { id: 9, name: null },
  ],
  existing: null,
};

function print(suggestions: readonly Suggestion[]): string {
  let printed = '';
  const output = {
    isTTY: false,
    write: (text: string) => {
      printed += text;
      return true;
    },
  };
  printSuggestions({ output: output as never, hasColor: () => false }, suggestions);
  return printed;
}

test('what is new is code below its evidence; what is there already is a row of a table', () => {
  const printed = print([suggestion, { ...suggestion, existing: 'old.check' }]);
  expect(printed).toContain('2 expectations are suggested by the data, 1 of them new\n');
  expect(printed).toContain('// 1 of 300 rows without a value; for instance id 7, name "x');
  expect(printed).not.toContain('\u001b');
  expect(printed.split(suggestion.code)).toHaveLength(2);
  expect(printed).toContain('old.check');
});

test('nothing suggested is said', () => {
  expect(print([])).toBe('0 expectations are suggested by the data, 0 of them new\n\n');
});
