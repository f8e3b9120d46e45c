import { describe, expect, test } from 'vitest';

import { answer, parse, refusal, row } from './answers.ts';

const one = '"border_AT_BE":1.0';

describe('a body that is no day', () => {
  const valid = answer(row(0, one), row(1, one));
  test.each([
    ['nothing', '', 'empty_body'],
    ['white space', ' \r\n', 'empty_body'],
    ['a page', '<!DOCTYPE html>\n<html><body>Maintenance</body></html>', 'html'],
    ['a page after white space', '\n <html>', 'html'],
    ['a cut answer', valid.slice(0, -20), 'not_json'],
    ['an answer cut in a row', valid.slice(0, 60), 'not_json'],
    ['two answers', valid + valid, 'not_json'],
    ['words', 'Service Unavailable', 'not_json'],
    ['NaN', answer(row(0, '"border_AT_BE":NaN')), 'not_json'],
    ['a number that JSON has not', answer(row(0, '"border_AT_BE":01')), 'not_json'],
    ['a number without an end', answer(row(0, '"border_AT_BE":1.')), 'not_json'],
    ['a decimal comma', answer(row(0, '"border_AT_BE":1,5')), 'not_json'],
    ['a byte order mark', `\uFEFF${valid}`, 'not_json'],
    ['an array', '[]', 'schema'],
    ['null', 'null', 'schema'],
    ['a string', '"data"', 'schema'],
    ['a number', '7', 'schema'],
    ['an empty object', '{}', 'schema'],
    ['an error', '{"error":"something\\nwent wrong"}', 'schema'],
    ['data that is null', '{"data":null,"rejected":false}', 'schema'],
    ['data that is an object', '{"data":{},"rejected":false}', 'schema'],
    ['data that is a string', '{"data":"[]"}', 'schema'],
    ['data twice', '{"data":[],"data":[],"rejected":false}', 'schema'],
    ['data twice, once escaped', '{"data":[],"rejected":false,"d\\u0061ta":[]}', 'schema'],
    ['rejected twice', '{"data":[],"rejected":false,"rejected":true}', 'schema'],
    ['rejected as a string', '{"data":[],"rejected":"true"}', 'schema'],
    ['a refusal', '{"data":null,"rejected":true,"messages":null}', 'rejected'],
    ['a refusal with rows', `{"data":[${row(0, one)}],"rejected":true}`, 'rejected'],
  ])('%s is refused', (_, body, outcome) => {
    expect(refusal(body).outcome).toBe(outcome);
  });

  test.each(['null', '{}', '"[]"', 'false'])(
    'the message quotes data that is no array, %s, and nothing past it',
    (data) => {
      const { message } = refusal(`{"data":${data},"rejected":false,"messages":[]}`);
      expect(message).toContain(`data is ${data}, not an array`);
    },
  );

  test('bytes that are no UTF-8 are refused', () => {
    const bytes = new TextEncoder().encode(answer(row(0, '"border_AT_BE":"x"')));
    bytes[bytes.indexOf(0x78)] = 0xff;
    expect(refusal(bytes)).toMatchObject({ outcome: 'not_json' });
  });

  test.each([
    ['"too many requests"', 'too many requests'],
    ['["first","second"]', 'first; second'],
    ['[]', 'it does not say why'],
    ['[{"text":"x"}]', '{"text":"x"}'],
    ['{"code":7}', '{"code":7}'],
    ['["line one\\nline two\\u0000"]', 'line one line two '],
  ])('what the service says with a refusal, %s, is in the message', (messages, said) => {
    expect(refusal(`{"data":[],"rejected":true,"messages":${messages}}`).message).toContain(said);
  });

  test('a long message is cut', () => {
    const messages = JSON.stringify(['x'.repeat(10_000), 'y'.repeat(10_000)]);
    expect(refusal(`{"data":[],"rejected":true,"messages":${messages}}`).message).toContain('xxx');
  });

  test.each([
    ['closed', '['.repeat(500_000) + ']'.repeat(500_000)],
    ['open', '['.repeat(500_000)],
    ['in a cell', answer(row(0, `"border_AT_BE":${'['.repeat(100_000)}${']'.repeat(100_000)}`))],
    ['in the messages', `{"data":[],"messages":${'[{"a":'.repeat(9e4)}1${'}]'.repeat(9e4)}}`],
  ])('depth without end, %s, breaks nothing', (_, body) => {
    expect(parse(body).kind).toMatch(/^(?:day|refused)$/);
  });

  test.each([
    ['rows', answer(...Array.from({ length: 1001 }, () => row(0, one)))],
    ['keys', answer(row(0, Array.from({ length: 10_000 }, (_, key) => `"k${key}":1`).join()))],
    ['members', `{"data":[]${Array.from({ length: 200 }, (_, key) => `,"k${key}":1`).join('')}}`],
    [
      'cells',
      answer(
        ...Array.from({ length: 20 }, (_, index) =>
          row(index, Array.from({ length: 3000 }, (__, key) => `"k${key}":"x"`).join()),
        ),
      ),
    ],
  ])('more %s than any day has are refused', (what, body) => {
    const refused = refusal(body);
    expect(refused.outcome).toBe('schema');
    expect(refused.message).toContain(what);
  });
});
