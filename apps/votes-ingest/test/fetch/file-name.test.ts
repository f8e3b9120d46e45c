import { describe, expect, test } from 'vitest';

import { chooseFileName, sanitizeFileName } from '../../src/fetch/file-name.ts';

describe('sanitizeFileName', () => {
  test.each([
    ['votes.jsonl', 'votes.jsonl', 'a plain name'],
    ['Stimmen über Räder.xml', 'Stimmen über Räder.xml', 'letters of any language and spaces'],
    ['../../etc/passwd', 'passwd', 'a path up'],
    ['..\\..\\boot.ini', 'boot.ini', 'a Windows path up'],
    ['/etc/passwd', 'passwd', 'an absolute path'],
    ['C:\\votes.jsonl', 'votes.jsonl', 'a drive letter'],
    ['C:votes.jsonl', 'C_votes.jsonl', 'a drive letter without separator'],
    ['..', '', 'only dots'],
    ['.', '', 'one dot'],
    ['folder/', '', 'an empty last segment'],
    ['', '', 'nothing'],
    ['.bashrc', 'bashrc', 'a leading dot'],
    [' . .ssh', 'ssh', 'leading dots and spaces'],
    ['votes.jsonl. .', 'votes.jsonl', 'trailing dots and spaces, which Windows drops'],
    ['a\u0000b\u001b[31m\n.txt', 'a_b_[31m_.txt', 'control characters'],
    ['votes\u202Elnosj.exe', 'votes_lnosj.exe', 'a character that turns the direction'],
    ['a<b>c:d"e|f?g*h', 'a_b_c_d_e_f_g_h', 'characters that Windows refuses'],
    ['nul.jsonl', '_nul.jsonl', 'a device of Windows'],
    ['COM1', '_COM1', 'another device of Windows'],
    ['console.log', 'console.log', 'a name that only begins like a device'],
    ['e\u0301.csv', '\u00e9.csv', 'a decomposed accent'],
    ['a\ud800b', 'a\ufffdb', 'half a surrogate pair'],
    ['votes.jsonl.part', 'votes.jsonl.part_', 'the name of a part'],
    ['votes.jsonl.part.json', 'votes.jsonl.part.json_', 'the name of a note'],
    ['part.json', 'part.json', 'a name that only looks like a note'],
  ])('turns %j into %j (%s)', (raw, expected) => {
    expect(sanitizeFileName(raw)).toBe(expected);
  });

  test('cuts a long name to 200 bytes at a whole character and keeps its extensions', () => {
    const name = sanitizeFileName(`${'ä'.repeat(150)}.tar.gz`);

    expect(name).toMatch(/^ä+\.tar\.gz$/);
    expect(Buffer.byteLength(name)).toBe(199);
  });

  test('is stable: a name that is safe stays as it is', () => {
    const once = sanitizeFileName(` ..x/${'名'.repeat(200)}<>.jsonl `);

    expect(sanitizeFileName(once)).toBe(once);
  });
});

describe('chooseFileName', () => {
  test.each([
    ['https://example.org/data/votes.jsonl?x=/a/b', undefined, 'votes.jsonl'],
    ['https://example.org/votes%20of%202026.jsonl', undefined, 'votes of 2026.jsonl'],
    ['https://example.org/..%2F..%2Fevil', undefined, 'evil'],
    ['https://example.org/%2e%2e', undefined, 'download'],
    ['https://example.org/100%.csv', undefined, '100%.csv'],
    ['https://example.org/', undefined, 'download'],
    ['https://example.org/data/', undefined, 'download'],
    ['https://example.org/get', 'attachment; filename=votes.jsonl', 'votes.jsonl'],
    ['https://example.org/get', 'attachment; filename="a \\"b\\".csv"', 'a _b_.csv'],
    ['https://example.org/get', 'attachment; filename="a;b.csv"; size=3', 'a;b.csv'],
    ['https://example.org/get', 'attachment; FILENAME = "x.csv"', 'x.csv'],
    [
      'https://example.org/get',
      'attachment; filename="plain.csv"; filename*=UTF-8\'\'%e2%82%ac.csv',
      '€.csv',
    ],
    ['https://example.org/get', "attachment; filename*=UTF-8'de'..%2Fevil", 'evil'],
    ['https://example.org/get', 'attachment; filename=".."', 'get'],
    ['https://example.org/get', 'inline', 'get'],
    ['https://example.org/get', 'attachment; filename="cut', 'get'],
  ])('for %s with %j it is %j', (url, contentDisposition, expected) => {
    expect(chooseFileName({ url: new URL(url), contentDisposition })).toBe(expected);
  });
});
