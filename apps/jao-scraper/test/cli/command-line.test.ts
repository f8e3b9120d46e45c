import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const refuseNative = `process.dlopen = () => { throw new Error('a native module is loaded') }`;

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const preload = `data:text/javascript,${encodeURIComponent(refuseNative)}`;
  const flags = ['--conditions=@sluice/source', '--import', preload];
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [...flags, main, ...args],
      { env: { PATH: process.env['PATH'], ...environment } },
    );
    return { exitCode: 0, stdout, stderr };
  } catch (cause) {
    if (cause instanceof Error && 'stdout' in cause && 'stderr' in cause && 'code' in cause) {
      return { exitCode: cause.code, stdout: cause.stdout, stderr: cause.stderr };
    }
    throw cause;
  }
}

test.each([[['--help']], [['datasets', '--help']], [['--version']], [['datasets']]])(
  '%j loads no native module',
  async (args) => {
    const ended = await run(args);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).not.toBe('');
  },
);

test('wrong usage, and a wrong setting under its own name, exit with 2', async () => {
  expect(await run(['datasets', '--fast'])).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await run(['datasets'], { JAO_BASE_URL: 'nowhere' })).toEqual({
    exitCode: 2,
    stdout: '',
    stderr:
      'jao-scraper: read configuration: JAO_BASE_URL: must be an http or https origin such as ' +
      'https://publicationtool.jao.eu\n',
  });
});
