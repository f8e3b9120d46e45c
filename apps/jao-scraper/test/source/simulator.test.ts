import { Agent as HttpAgent } from 'node:http';
import { Agent } from 'node:https';

import { faultGroups, startJaoSimulator } from '@sluice/jao-simulator';
import type { FaultKind, JaoSimulator, SimulatorOptions } from '@sluice/jao-simulator';
import { findDataset, mergeAnswers, parseDayAnswer } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { SourceAnswer } from '../../src/source/source-answer.ts';
import type { Source } from '../../src/source/source.ts';
import { splitWindow, type TimeWindow } from '../../src/source/split-window.ts';
import { answered, ask, day, failed, hourMs, mebibyte, openSource, timeouts } from './ask.ts';

const businessDay = '2026-04-20';

async function startSimulator(options: SimulatorOptions = {}): Promise<JaoSimulator> {
  const simulator = await startJaoSimulator({
    nowMs: Date.parse('2026-04-21T12:00:00Z'),
    ...options,
  });
  onTestFinished(() => simulator.close());
  return simulator;
}

function contract(): DatasetContract {
  const found = findDataset('core/maxExchanges');
  return found ?? expect.fail('the catalogue has no core/maxExchanges');
}

test('a day of the service is what its parser takes', async () => {
  const simulator = await startSimulator();

  const answer = answered(await ask(simulator.url));

  const parsed = parseDayAnswer(contract(), businessDay, answer.bytes);
  expect(parsed).toMatchObject({ kind: 'day', table: { quarantined: [] } });
  expect(answer.wireBytes).toBeLessThan(answer.decodedBytes);
});

test('an answer that is asked for with its ETag again is not_modified', async () => {
  const simulator = await startSimulator({ answersConditionally: true });
  const source = openSource(simulator.url);

  const { etag } = answered(await ask(source));

  expect(etag).toBeDefined();
  expect((await ask(source, { etag })).outcome).toBe('not_modified');
});

test('a day that is too long for the service comes in parts that merge to the same day', async () => {
  const simulator = await startSimulator();
  const source = openSource(simulator.url);
  const whole = answered(await ask(source));
  simulator.configure({ maxWindowHours: 5 });

  const parts = await askInParts(source, day);

  expect(parts).toHaveLength(8);
  const merged = mergeAnswers(parts.map((part) => answered(part).bytes));
  expect(parseDayAnswer(contract(), businessDay, merged)).toStrictEqual(
    parseDayAnswer(contract(), businessDay, whole.bytes),
  );
});

async function askInParts(source: Source, window: TimeWindow): Promise<readonly SourceAnswer[]> {
  const answer = await ask(source, window);
  const halves = answer.outcome === 'range_refused' ? splitWindow(window, hourMs) : undefined;
  if (halves === undefined) {
    return [answer];
  }
  return [...(await askInParts(source, halves[0])), ...(await askInParts(source, halves[1]))];
}

describe('each fault of the network has its outcome', () => {
  const expected: Readonly<Partial<Record<FaultKind, string>>> = {
    http_429_seconds: 'http_429',
    http_429_date: 'http_429',
    http_429_none: 'http_429',
    http_429_absurd: 'http_429',
    http_500: 'http_5xx',
    http_502: 'http_5xx',
    http_503: 'http_5xx',
    http_504: 'http_5xx',
    http_400_range: 'range_refused',
    http_403: 'http_4xx',
    http_404: 'http_4xx',
    close_before_headers: 'reset',
    reset_before_headers: 'reset',
    close_before_body: 'truncated',
    reset_in_body: 'reset',
    truncated_content_length: 'truncated',
    truncated_chunked: 'truncated',
    truncated_clean: 'answered',
    gzip_bomb: 'too_large',
    huge_body: 'too_large',
    gzip_truncated: 'truncated',
    gzip_damaged: 'not_json',
    double_gzip: 'answered',
    wrong_content_encoding: 'not_json',
    unknown_content_encoding: 'not_json',
    content_length_too_short: 'truncated',
    redirect_same_origin: 'answered',
    redirect_other_host: 'redirect_refused',
    redirect_other_port: 'redirect_refused',
    redirect_downgrade: 'redirect_refused',
    redirect_link_local: 'redirect_refused',
    redirect_localhost: 'redirect_refused',
    redirect_ipv6_loopback: 'redirect_refused',
    redirect_loop: 'redirect_refused',
    unasked_304: 'schema',
    wrong_date: 'answered',
  };
  const slow: Readonly<Partial<Record<FaultKind, string>>> = {
    hang: 'headers_timeout',
    headers_then_nothing: 'total_timeout',
    drip: 'total_timeout',
    content_length_too_long: 'total_timeout',
  };

  test.each(Object.entries(expected))(
    '%s is %s, and does not harm the next request',
    async (kind, outcome) => {
      const simulator = await startSimulator();
      const source = openSource(simulator.url, { maxDecodedBytes: 4 * mebibyte });
      // A key of a record of fault kinds.
      simulator.inject({ kind: kind as FaultKind });

      const answer = await ask(source);

      expect(answer.outcome).toBe(outcome);
      if (outcome !== 'answered') {
        failed(answer);
      }
      expect(simulator.pendingFaults()).toBe(0);
      expect(simulator.strayConnections).toBe(0);
      expect(answered(await ask(source)).decodedBytes).toBeGreaterThan(10_000);
    },
  );

  test.each(Object.entries(slow))('%s ends with %s', async (kind, outcome) => {
    const simulator = await startSimulator();
    const source = openSource(simulator.url, {
      timeouts: { ...timeouts, headersMs: 500, responseMs: 1000 },
    });
    // A key of a record of fault kinds.
    simulator.inject({ kind: kind as FaultKind, intervalMs: 20 });

    expect((await ask(source)).outcome).toBe(outcome);
  });

  test('and every fault below the body has been tried', () => {
    const tried = [...Object.keys(expected), ...Object.keys(slow)];
    const { status, slow: slowKinds, connection, encoding, redirect } = faultGroups;
    for (const kind of [...status, ...slowKinds, ...connection, ...encoding, ...redirect]) {
      expect(tried).toContain(kind);
    }
  });
});

describe('certificates', () => {
  test('one that nobody vouches for is refused before anything is asked', async () => {
    const simulator = await startSimulator({ tls: 'self-signed' });

    const answer = failed(await ask(simulator.url));

    expect(answer).toMatchObject({ outcome: 'tls', status: undefined });
    expect(answer.message).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(simulator.requests).toHaveLength(0);
  });

  test.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('one that is trusted and %s is refused', async (tls, code) => {
    const simulator = await startSimulator({ tls });

    const answer = failed(await ask(trustingSource(simulator)));

    expect(answer.outcome).toBe('tls');
    expect(answer.message).toContain(code);
    expect(simulator.requests).toHaveLength(0);
  });

  test('one that is trusted is good, and a redirect to plain HTTP is not', async () => {
    const simulator = await startSimulator({ tls: 'self-signed' });
    const source = trustingSource(simulator);

    answered(await ask(source));
    simulator.inject({ kind: 'redirect_downgrade' });

    expect(failed(await ask(source)).outcome).toBe('redirect_refused');
    expect(simulator.strayConnections).toBe(0);
  });

  test('an agent for plain HTTP is a mistake', () => {
    expect(() => openSource('https://127.0.0.1:1', { agent: new HttpAgent() })).toThrow(TypeError);
  });
});

function trustingSource(simulator: JaoSimulator): Source {
  const agent = new Agent({ ca: simulator.certificate, keepAlive: true });
  onTestFinished(() => {
    agent.destroy();
  });
  return openSource(simulator.url, { agent });
}
