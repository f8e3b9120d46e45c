import { expect, test } from 'vitest';

import { addCounts, countTests, formatCount, parseTestReport } from '../src/test-report.ts';

function file(status: string, ...results: string[]) {
  return { status, assertionResults: results.map((result) => ({ status: result })) };
}

test.each([
  { name: 'no file', success: true, testResults: [], expected: '0 passed, 0 failed' },
  {
    name: 'each kind of ending',
    success: false,
    testResults: [file('failed', 'passed', 'failed', 'skipped', 'todo'), file('passed', 'passed')],
    expected: '2 passed, 1 failed, 2 skipped',
  },
  {
    name: 'a file that could not be loaded',
    success: false,
    testResults: [file('failed'), file('passed', 'passed')],
    expected: '1 passed, 1 failed',
  },
  {
    name: 'an error after the last test',
    success: false,
    testResults: [file('passed', 'passed')],
    expected: '1 passed, 1 failed',
  },
])('a report of $name is counted as "$expected"', ({ success, testResults, expected }) => {
  expect(formatCount(countTests({ success, testResults }))).toBe(expected);
});

test('the counts of projects are added up', () => {
  const counts = [
    { passed: 1, failed: 2, skipped: 3 },
    { passed: 10, failed: 20, skipped: 30 },
  ];
  expect(addCounts(counts)).toEqual({ passed: 11, failed: 22, skipped: 33 });
});

test.each(['', '{', 'null', '[]', '{"success":true}', '{"success":true,"testResults":[{}]}'])(
  'the text %j is not taken for a report',
  (text) => {
    expect(parseTestReport(text)).toBeUndefined();
  },
);

test('a report that was written whole is read back', () => {
  const report = { success: true, testResults: [file('passed', 'passed')] };
  expect(parseTestReport(JSON.stringify(report))).toEqual(report);
});
