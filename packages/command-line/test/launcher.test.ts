import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

const launcher = new URL('../launcher.js', import.meta.url).href;
/** Makes a process take itself for one of another Node. */
const oldNode = `data:text/javascript,${encodeURIComponent(
  `const versions = { ...process.versions, node: '20.1.0' };
   Object.defineProperty(process, 'versions', { value: versions });
   Object.defineProperty(process, 'version', { value: 'v20.1.0' });`,
)}`;
const printArguments = `
  process.stdout.write(process.argv.slice(2).join(' ') + ' on ' + process.versions.node);
  process.exitCode = 3;`;
const waitForSignal = `
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      process.stdout.write(signal);
      process.exit(7);
    });
  }
  setInterval(() => undefined, 60_000);
  process.stdout.write('ready ');`;
const dieOfSignal = `process.kill(process.pid, 'SIGTERM'); setInterval(() => undefined, 60_000);`;

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'command-line-'));
  await mkdir(join(root, 'apps/sample/bin'), { recursive: true });
  await writeFile(
    join(root, 'apps/sample/bin/sample.js'),
    `import { launch } from ${JSON.stringify(launcher)};\nawait launch(import.meta.url);\n`,
  );
  await writeFile(join(root, 'package.json'), '{ "type": "module" }');
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function build(program: string): Promise<void> {
  await mkdir(join(root, 'apps/sample/dist'));
  await writeFile(join(root, 'apps/sample/dist/main.js'), program);
}

async function addWorkspaceNode(): Promise<void> {
  await mkdir(join(root, 'node_modules/.bin'), { recursive: true });
  await symlink(process.execPath, join(root, 'node_modules/.bin/node'));
}

interface Launched {
  readonly child: ChildProcess;
  readonly ended: Promise<{
    readonly exitCode: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

function launch(...nodeOptions: readonly string[]): Launched {
  const sample = join(root, 'apps/sample/bin/sample.js');
  const child = spawn(process.execPath, [...nodeOptions, sample, 'a', 'b'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, 'close').then(async () => {
    const [stdout, stderr] = await written;
    return { exitCode: child.exitCode, signal: child.signalCode, stdout, stderr };
  });
  return { child, ended };
}

describe.each([
  { on: 'a Node that is new enough', nodeOptions: [] },
  { on: 'an older Node, by that of the workspace', nodeOptions: ['--import', oldNode] },
])('on $on', ({ nodeOptions }) => {
  beforeEach(addWorkspaceNode);

  test('the program gets the arguments, and the process ends with its exit code', async () => {
    await build(printArguments);
    const { node } = process.versions;
    expect(await launch(...nodeOptions).ended).toEqual({
      ...{ exitCode: 3, signal: null },
      ...{ stdout: `a b on ${node}`, stderr: '' },
    });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s reaches the program', async (signal) => {
    await build(waitForSignal);
    const { child, ended } = launch(...nodeOptions);
    if (child.stdout !== null) {
      await once(child.stdout, 'data');
    }
    child.kill(signal);
    expect(await ended).toMatchObject({ exitCode: 7, stdout: `ready ${signal}` });
  });

  test('a program that dies of a signal takes the process with it', async () => {
    await build(dieOfSignal);
    expect(await launch(...nodeOptions).ended).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test('a project that was not built is said to be', async () => {
    expect(await launch(...nodeOptions).ended).toEqual({
      exitCode: 1,
      signal: null,
      stdout: '',
      stderr: 'sample: not built yet; build it with: npx nx build sample\n',
    });
  });
});

test('a program that was started by another Node is told to stop where that is killed', async () => {
  await addWorkspaceNode();
  await build(waitForSignal);
  const { child, ended } = launch('--import', oldNode);
  if (child.stdout !== null) {
    await once(child.stdout, 'data');
  }
  child.kill('SIGKILL');
  // The streams are shared: they close when the program ends.
  expect(await ended).toMatchObject({ signal: 'SIGKILL', stdout: 'ready SIGTERM' });
});

test('an older Node, where the workspace has none, is told which it has to be', async () => {
  await build(printArguments);
  expect(await launch('--import', oldNode).ended).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: 'sample: needs Node.js 24 or newer, this is v20.1.0\n',
  });
});
