import type { IncomingHttpHeaders } from 'node:http';

import { describe, expect, test } from 'vitest';

import {
  canResume,
  judgeResponse,
  rangeHeaders,
  type KnownPart,
} from '../../src/fetch/judge-response.ts';

const part: KnownPart = { bytes: 100, validators: { etag: '"a"', lastModified: 'yesterday' } };
const rest = { 'content-range': 'bytes 100-299/300' };

describe('judgeResponse without a part', () => {
  test.each<[number, IncomingHttpHeaders, object]>([
    [200, { 'content-length': '300' }, { kind: 'start', totalBytes: 300 }],
    [200, {}, { kind: 'start', totalBytes: undefined }],
    [206, rest, { kind: 'fail' }],
    [416, { 'content-range': 'bytes */300' }, { kind: 'fail' }],
    [204, {}, { kind: 'fail' }],
    [304, {}, { kind: 'fail' }],
    [404, {}, { kind: 'fail' }],
  ])('%i with %j is %j', (status, headers, expected) => {
    expect(judgeResponse({ status, headers }, undefined)).toEqual(expected);
  });
});

describe('judgeResponse with a part of 100 bytes', () => {
  test.each<[string, number, IncomingHttpHeaders, object]>([
    ['the whole file', 200, { 'content-length': '300' }, { kind: 'start', totalBytes: 300 }],
    ['the rest', 206, rest, { kind: 'resume', totalBytes: 300 }],
    [
      'the rest, with its length',
      206,
      { ...rest, 'content-length': '200' },
      { kind: 'resume', totalBytes: 300 },
    ],
    [
      'the rest of the same ETag',
      206,
      { ...rest, etag: '"a"' },
      { kind: 'resume', totalBytes: 300 },
    ],
    [
      'the rest of the same ETag from a server with another date',
      206,
      { ...rest, etag: '"a"', 'last-modified': 'today' },
      { kind: 'resume', totalBytes: 300 },
    ],
    ['another ETag', 206, { ...rest, etag: '"b"' }, { kind: 'restart' }],
    ['another date and no ETag', 206, { ...rest, 'last-modified': 'today' }, { kind: 'restart' }],
    ['another length', 206, { ...rest, 'content-length': '199' }, { kind: 'restart' }],
    ['an earlier start', 206, { 'content-range': 'bytes 99-299/300' }, { kind: 'restart' }],
    ['a later start', 206, { 'content-range': 'bytes 101-299/300' }, { kind: 'restart' }],
    ['an early end', 206, { 'content-range': 'bytes 100-298/300' }, { kind: 'restart' }],
    ['an end past the end', 206, { 'content-range': 'bytes 100-300/300' }, { kind: 'restart' }],
    ['an unknown total', 206, { 'content-range': 'bytes 100-299/*' }, { kind: 'restart' }],
    [
      'an absurd total',
      206,
      { 'content-range': `bytes 100-299/${'9'.repeat(30)}` },
      { kind: 'restart' },
    ],
    ['several ranges', 206, { 'content-type': 'multipart/byteranges' }, { kind: 'restart' }],
    ['nothing more', 416, { 'content-range': 'bytes */100' }, { kind: 'complete' }],
    [
      'nothing more of another ETag',
      416,
      { 'content-range': 'bytes */100', etag: '"b"' },
      { kind: 'restart' },
    ],
    ['a shorter file', 416, { 'content-range': 'bytes */99' }, { kind: 'restart' }],
    ['no length', 416, {}, { kind: 'restart' }],
    ['an error', 503, {}, { kind: 'fail' }],
    ['no such file', 404, {}, { kind: 'fail' }],
  ])('%s: %i with %j is %j', (_, status, headers, expected) => {
    expect(judgeResponse({ status, headers }, part)).toEqual(expected);
  });
});

describe('rangeHeaders', () => {
  test.each([
    [{ etag: '"a"', lastModified: 'yesterday' }, '"a"'],
    [{ etag: 'W/"a"', lastModified: 'yesterday' }, 'yesterday'],
    [{ lastModified: 'yesterday' }, 'yesterday'],
  ])('for %j ask with If-Range: %s', (validators, expected) => {
    expect(canResume(validators)).toBe(true);
    expect(rangeHeaders({ bytes: 5, validators })).toEqual({
      range: 'bytes=5-',
      'if-range': expected,
    });
  });

  test.each([{}, { etag: 'W/"a"' }])('for %j ask for the whole file', (validators) => {
    expect(canResume(validators)).toBe(false);
    expect(rangeHeaders({ bytes: 5, validators })).toEqual({});
  });

  test('without a part ask for the whole file', () => {
    expect(rangeHeaders(undefined)).toEqual({});
  });
});
