import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = new URL('../../../docs/runbooks/', import.meta.url);
const apps = ['jao-scraper', 'votes-ingest', 'metrics-exporter'];

/** A command of an app, as a page tells its reader to run it. */
interface NamedCommand {
  readonly app: string;
  /** All that is no option: the command, and what it is about. */
  readonly words: readonly string[];
  readonly options: readonly string[];
}

/** The commands in the blocks of a page, by how they stand there. */
function readCommands(page: string): readonly (readonly [string, NamedCommand])[] {
  const blocks = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
  const text = blocks.join('\n').replaceAll('\\\n', ' ');
  return [...text.matchAll(/npx (\S+)([^\n|;)]*)/g)].map(([line, app = '', rest = '']) => {
    const words = rest.match(/"[^"]*"|\S+/g) ?? [];
    const first = words.findIndex((word) => word.startsWith('-'));
    return [
      line.trim(),
      {
        app,
        words: first === -1 ? words : words.slice(0, first),
        options: words.filter((word) => word.startsWith('--')),
      },
    ];
  });
}

async function readHelp({ app, words }: NamedCommand): Promise<string> {
  const main = `apps/${app}/src/main.ts`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@sluice/source', main, ...words, '--help'],
    { cwd: root },
  );
  return stdout;
}

const commands = new Map(
  readdirSync(folder).flatMap((name) => readCommands(readFileSync(new URL(name, folder), 'utf8'))),
);

test('the pages name commands', () => {
  expect(commands.size).toBeGreaterThan(20);
});

describe('what a page tells its reader to run is there', () => {
  test.concurrent.each([...commands])('%s', async (_, command) => {
    expect(apps).toContain(command.app);
    const help = await readHelp(command);
    // Of a word that is no command, the help is of the command before it.
    const [, path = '', takes = ''] = /^Usage: ([a-z -]+?) \[options\](.*)$/m.exec(help) ?? [];
    const known = path.split(' ').slice(1);
    expect(command.words.slice(0, known.length)).toEqual(known);
    const rest = command.words.slice(known.length);
    if (rest.length > 0) {
      expect(takes.replace('[command]', '').trim(), `${path} takes no argument`).not.toBe('');
    }
    for (const option of command.options) {
      expect(help).toMatch(new RegExp(`^ +(?:-\\w, )?${option.replaceAll('.', '\\.')}\\b`, 'm'));
    }
  });
});
