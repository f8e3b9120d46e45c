import type { Command } from 'commander';
import { Writable } from 'node:stream';

import type { CommandContext } from './command-context.ts';
import type { ProgramRun } from './program.ts';

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

/** A character that a terminal would act on, or show nothing of; the end of a line is none. */
export const hostileCharacter =
  // eslint-disable-next-line no-control-regex -- it is control characters that are looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066\ufeff]/;

/** A character, or what a terminal does instead of showing one. */
// eslint-disable-next-line no-control-regex -- it is control characters that are read
const pieces = /\u001b(?:[78]|\[[?\d;]*[a-zA-Z])|[^\u001b]/gsu;

/**
 * The lines that a terminal shows after a text that moves the cursor within the last line, and clears
 * that: a progress bar's. Colours are left out.
 *
 * @throws {RangeError} where the text does more.
 */
export function screenOf(text: string): string[] {
  const lines = [''];
  let column = 0;
  for (const [piece] of text.matchAll(pieces)) {
    const line = lines.pop() ?? '';
    if (piece === '\n') {
      lines.push(line, '');
      column = 0;
    } else if (piece.length === 1) {
      lines.push(line.slice(0, column).padEnd(column) + piece + line.slice(column + 1));
      column += 1;
    } else {
      const command = piece.slice(2);
      lines.push(clearedBy(command, { line, column }));
      column = command === '1G' ? 0 : column;
    }
  }
  return lines;
}

function clearedBy(
  command: string,
  { line, column }: { readonly line: string; readonly column: number },
): string {
  if (command === '2K') {
    return '';
  }
  if (command === '0K' || command === '0J') {
    return line.slice(0, column);
  }
  if (!/^(?:1G|\?25[hl]|[\d;]*m)$/.test(command)) {
    throw new RangeError(`a terminal's command that is not known here: ${JSON.stringify(command)}`);
  }
  return line;
}

/** What a command runs in, with streams that keep what the command writes. */
export interface FakeContext<Config> extends CommandContext<Config> {
  readonly printed: () => string;
  readonly said: () => string;
}

/** What a fake context is made of; only the app's own parts have no default. */
export interface FakeContextOptions<Config> {
  readonly program: string;
  readonly config: Config;
  readonly output?: FakeStream;
  readonly messages?: FakeStream;
  /** @default false */
  readonly hasColor?: boolean;
  /** @default a signal that nobody aborts */
  readonly signal?: AbortSignal;
  /** @default 2026-01-02T03:04:05.678Z, always */
  readonly now?: () => Date;
}

/** A context for tests that call a command without a process of its own. */
export function fakeContext<Config>({
  program,
  config,
  output = new FakeStream(),
  messages = new FakeStream(),
  hasColor = false,
  signal = new AbortController().signal,
  now = () => new Date('2026-01-02T03:04:05.678Z'),
}: FakeContextOptions<Config>): FakeContext<Config> {
  return {
    program,
    config,
    output: asTerminalStream(output),
    messages: asTerminalStream(messages),
    hasColor: () => hasColor,
    signal,
    now,
    printed: () => output.text,
    said: () => messages.text,
  };
}

/** A command of a program, by the names that it is called by: `database url`. */
export function* commandsBelow(command: Command, path = ''): Generator<[string, Command]> {
  for (const below of command.commands) {
    const name = `${path}${below.name()}`;
    yield [name, below];
    yield* commandsBelow(below, `${name} `);
  }
}

/**
 * What is wrong with the examples in the help of a program's commands, of which each command has to have
 * some, and each has to run its command, once.
 *
 * @throws {CommanderError} where the program does not take the arguments of an example.
 */
export async function findWrongExamples(
  define: ProgramRun<never>['define'],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const program = define(() => () => Promise.resolve());
  for (const [name, command] of commandsBelow(program)) {
    const examples = examplesOf(command, program.name());
    if (examples.length === 0) {
      wrong.push(`${name}: has no examples`);
    }
    for (const args of examples) {
      const example = args.join(' ');
      if (!`${example} `.startsWith(`${name} `) || (await countCalls(define, args)) !== 1) {
        wrong.push(`${name}: is not what runs in ${example}`);
      }
    }
  }
  return wrong;
}

async function countCalls(
  define: ProgramRun<never>['define'],
  args: readonly string[],
): Promise<number> {
  let calls = 0;
  const program = define(() => () => {
    calls += 1;
    return Promise.resolve();
  });
  await program.parseAsync(args, { from: 'user' });
  return calls;
}

/**
 * The arguments of each example in a command's help, without the program's name: as a shell takes them,
 * up to where the output goes elsewhere.
 */
function examplesOf(command: Command, program: string): readonly (readonly string[])[] {
  const [, examples = ''] = helpOf(command).split('\nExamples:\n');
  return examples
    .split('\n')
    .filter((line) => line.startsWith(`  ${program} `))
    .map((line) => {
      const [shown = ''] = line.slice(program.length + 3).split(/ [>|] /);
      return [...shown.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      );
    });
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece) });
  command.outputHelp();
  return text;
}

/** Commands use of a terminal's stream only what every Writable has, `isTTY` and `columns`. */
function asTerminalStream(stream: FakeStream): NodeJS.WriteStream {
  return stream as unknown as NodeJS.WriteStream;
}
