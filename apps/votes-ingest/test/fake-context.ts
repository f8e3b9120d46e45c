import { Writable } from 'node:stream';

import type { CommandContext } from '../src/command-context.ts';
import { readConfig } from '../src/config.ts';

/** A stream that keeps what is written to it. */
export class FakeStream extends Writable {
  readonly isTTY: boolean;
  readonly columns = 100;
  text = '';

  constructor({ isTTY = false }: { readonly isTTY?: boolean } = {}) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(piece: string, _: string, done: () => void): void {
    this.text += piece;
    done();
  }
}

/** What a command runs in, with streams that keep what the command writes. */
export interface FakeContext extends CommandContext {
  readonly printed: () => string;
  readonly said: () => string;
}

/** A context for commands on one warehouse, with the settings of the flags. */
export function fakeContext(
  warehouse: string,
  {
    output = new FakeStream(),
    messages = new FakeStream(),
    hasColor = false,
    signal = new AbortController().signal,
    flags = {},
  }: {
    readonly output?: FakeStream;
    readonly messages?: FakeStream;
    readonly hasColor?: boolean;
    readonly signal?: AbortSignal;
    readonly flags?: Readonly<Record<string, unknown>>;
  } = {},
): FakeContext {
  return {
    config: readConfig({ lockTimeout: '0ms', ...flags, warehouse }, {}),
    output: asTerminalStream(output),
    messages: asTerminalStream(messages),
    hasColor: () => hasColor,
    signal,
    now: () => new Date('2026-01-02T03:04:05.678Z'),
    printed: () => output.text,
    said: () => messages.text,
  };
}

/** Commands use of a terminal's stream only what every Writable has, `isTTY` and `columns`. */
function asTerminalStream(stream: FakeStream): NodeJS.WriteStream {
  return stream as unknown as NodeJS.WriteStream;
}
