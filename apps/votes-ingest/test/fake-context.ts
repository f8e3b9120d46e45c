import { readConfig } from '@sluice/command-line';
import { fakeContext as fakeContextWith } from '@sluice/command-line/testing';
import type { FakeContext as AnyFakeContext, FakeStream } from '@sluice/command-line/testing';

import { configSource } from '../src/config.ts';
import type { Config } from '../src/config.ts';

/** What a command runs in, with streams that keep what the command writes. */
export type FakeContext = AnyFakeContext<Config>;

/** A context for commands on one warehouse, with the settings of the flags. */
export function fakeContext(
  warehouse: string,
  {
    flags = {},
    ...options
  }: {
    readonly output?: FakeStream;
    readonly messages?: FakeStream;
    readonly hasColor?: boolean;
    readonly signal?: AbortSignal;
    readonly now?: () => Date;
    readonly flags?: Readonly<Record<string, unknown>>;
  } = {},
): FakeContext {
  const config = readConfig(configSource, { lockTimeout: '0ms', ...flags, warehouse }, {});
  return fakeContextWith({ program: 'votes-ingest', config, ...options });
}
