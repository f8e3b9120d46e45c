import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { FetchError } from './fetch-error.ts';
import type { FetchOptions, FetchProgress, FetchTimeouts } from './fetch-options.ts';
import { checkSourceUrl } from './source-url.ts';

const gibibyte = 1024 ** 3;

// Node turns a longer delay into one of 1 ms.
const longestTimerMs = 2 ** 31 - 1;

const defaults = {
  maxBytes: 20 * gibibyte,
  maxUnpackedBytes: 100 * gibibyte,
  maxEntries: 10_000,
  retries: 5,
};

const defaultTimeouts: FetchTimeouts = {
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 30_000,
  wholeMs: 24 * 60 * 60 * 1000,
};

/** The options with every default filled in and every value checked. */
export interface FetchSettings {
  readonly url: URL;
  /** Absolute. */
  readonly targetFolder: string;
  readonly overwrite: boolean;
  readonly unpack: boolean;
  readonly sha256: string | undefined;
  readonly maxBytes: number;
  readonly maxUnpackedBytes: number;
  readonly maxEntries: number;
  readonly allowedOrigins: readonly string[];
  readonly timeouts: FetchTimeouts;
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: FetchProgress) => void;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => Date;
  readonly random: () => number;
}

/** @throws {FetchError} `USAGE` that names the option, what it must be and what it is. */
export function resolveFetchOptions(options: FetchOptions): FetchSettings {
  checkSourceUrl(options.url);
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  for (const [name, milliseconds] of Object.entries(timeouts)) {
    checkWholeNumber(`timeouts.${name}`, milliseconds, { min: 1, max: longestTimerMs });
  }
  return {
    url: options.url,
    targetFolder: resolve(options.targetFolder),
    overwrite: options.overwrite,
    unpack: options.unpack,
    sha256: options.sha256 === undefined ? undefined : checkSha256(options.sha256),
    maxBytes: checkWholeNumber('maxBytes', options.maxBytes ?? defaults.maxBytes),
    maxUnpackedBytes: checkWholeNumber(
      'maxUnpackedBytes',
      options.maxUnpackedBytes ?? defaults.maxUnpackedBytes,
    ),
    maxEntries: checkWholeNumber('maxEntries', options.maxEntries ?? defaults.maxEntries),
    allowedOrigins: [options.url.origin, ...(options.allowedOrigins ?? []).map(checkOrigin)],
    timeouts,
    retries: checkWholeNumber('retries', options.retries ?? defaults.retries, { min: 0 }),
    signal: options.signal,
    onProgress: options.onProgress ?? ignoreProgress,
    delay: options.delay ?? pause,
    now: options.now ?? (() => new Date()),
    random: options.random ?? Math.random,
  };
}

function checkWholeNumber(
  name: string,
  value: number,
  { min = 1, max = Number.MAX_SAFE_INTEGER } = {},
): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw usageError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
  }
  return value;
}

function checkSha256(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw usageError(
      `sha256 must be 64 hexadecimal digits, as sha256sum prints, not ${text.length} characters`,
    );
  }
  return text.toLowerCase();
}

function checkOrigin(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw usageError('an allowed origin must look like https://host or https://host:port');
  }
  return url.origin;
}

function usageError(problem: string): FetchError {
  return new FetchError(`read the options of fetch: ${problem}`, { code: 'USAGE' });
}

function ignoreProgress(): void {
  // Nobody asked.
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal });
}
