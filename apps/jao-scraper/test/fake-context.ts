import { readConfig } from '@sluice/command-line';
import { fakeContext as fakeContextWith } from '@sluice/command-line/testing';
import type {
  FakeContext as AnyFakeContext,
  FakeContextOptions,
} from '@sluice/command-line/testing';

import { configSource } from '../src/config.ts';
import type { Config } from '../src/config.ts';

/** What a command runs in, with streams that keep what the command writes. */
export type FakeContext = AnyFakeContext<Config>;

/** A context with the settings of the flags, by the names that commander gives them. */
export function fakeContext({
  flags = {},
  ...options
}: Omit<FakeContextOptions<Config>, 'program' | 'config'> & {
  readonly flags?: Readonly<Record<string, unknown>>;
} = {}): FakeContext {
  const config = readConfig(configSource, flags, {});
  return fakeContextWith({ program: 'jao-scraper', config, ...options });
}
