import { describe, expect, test } from 'vitest';

import { checkSourceUrl, displayUrl, followRedirect } from '../../src/fetch/source-url.ts';

describe('displayUrl', () => {
  test('leaves out user, password, query and fragment', () => {
    const url = new URL('https://user:pass@example.org:8443/a/b.jsonl?token=t#f');

    expect(displayUrl(url)).toBe('https://example.org:8443/a/b.jsonl');
  });
});

describe('checkSourceUrl', () => {
  test.each(['http://example.org/', 'https://example.org/votes.jsonl?x=1'])('takes %s', (url) => {
    expect(() => {
      checkSourceUrl(new URL(url));
    }).not.toThrow();
  });

  test.each(['file:///etc/passwd', 'ftp://example.org/', 'data:text/plain,x', 'javascript:x'])(
    'refuses %s by its kind',
    (text) => {
      const url = new URL(text);

      expect(() => {
        checkSourceUrl(url);
      }).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
    },
  );

  test.each(['https://user@example.org/', 'https://user:pass@example.org/', 'https://:p@host/'])(
    'refuses the credentials in %s and says that they are not supported',
    (text) => {
      expect(() => {
        checkSourceUrl(new URL(text));
      }).toThrow(/user or password in the URL is not supported/);
    },
  );
});

describe('followRedirect', () => {
  const allowedOrigins = [
    'https://example.org',
    'http://mirror.example',
    'https://cdn.example:8443',
  ];
  const follow = (from: string, location: string) =>
    followRedirect({ from: new URL(from), location, allowedOrigins, label: 'fetch it' }).href;

  test.each([
    ['https://example.org/a/b', 'c', 'https://example.org/a/c'],
    ['https://example.org/a/b', '/c?d=e', 'https://example.org/c?d=e'],
    ['https://example.org/a', 'https://cdn.example:8443/x', 'https://cdn.example:8443/x'],
    ['http://mirror.example/a', 'https://example.org/a', 'https://example.org/a'],
  ])('from %s to %s leads to %s', (from, location, expected) => {
    expect(follow(from, location)).toBe(expected);
  });

  test.each([
    ['another host', 'https://evil.example/x'],
    ['another host without a scheme', '//evil.example/x'],
    ['another port', 'https://example.org:8443/x'],
    ['a host that only begins alike', 'https://example.org.evil.example/x'],
    ['a host behind a user', 'https://example.org@evil.example/x'],
    ['http, though its origin is allowed', 'http://mirror.example/x'],
    ['the metadata service of a cloud', 'http://169.254.169.254/latest/meta-data'],
    ['this machine', 'https://localhost/'],
    ['this machine by IPv6', 'https://[::1]/'],
    ['this machine by a number', 'https://2130706433/'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:text/plain,x'],
    ['credentials', 'https://user:pass@example.org/x'],
    ['no URL', 'https://exa mple/'],
  ])('refuses %s', (_, location) => {
    expect(() => follow('https://example.org/a', location)).toThrow(
      expect.objectContaining({ code: 'REFUSED', retryable: false }) as Error,
    );
  });
});
