import { createCertificate } from '@sluice/jao-simulator';
import { hash } from 'bcryptjs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { createOpsDatabase } from '../metrics-database.ts';
import { sampleStatus } from '../sample-status.ts';
import { startExporter } from './exporter-process.ts';

const refuseNative = `process.dlopen = () => { throw new Error('a native module is loaded') }`;
const preload = ['--import', `data:text/javascript,${encodeURIComponent(refuseNative)}`];

let folder: string;
let status: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  status = join(folder, 'warehouse.db.status.json');
  await writeFile(status, JSON.stringify(sampleStatus));
});

/** Starts it on a port of its own, and gives its address. */
async function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const exporter = startExporter(['--port', '0', ...args], environment);
  const [, url = ''] = await exporter.said(/metrics at (https?:\S+)\/metrics\n/);
  return { ...exporter, url };
}

test.each([[['--help']], [['--version']]])('%j loads no native module', async (args) => {
  const ended = await startExporter(args, {}, preload).ended;
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(ended.stdout).not.toBe('');
});

describe('exit code 2', () => {
  test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    ['an unknown option', ['--prot', '1'], {}, /--prot/],
    [
      'a setting, under its own name',
      [],
      { METRICS_PORT: 'x' },
      /METRICS_PORT: must be a whole number/,
    ],
    ['no source', [], {}, /nothing to tell of: name a status file with --votes-status/],
    ['no source, when it is checked', ['--config.check'], {}, /nothing to tell of/],
    [
      'a status file that is named twice',
      ['--votes-status', 'a.status.json', './a.status.json'],
      {},
      /--votes-status: must name each file once/,
    ],
    [
      'a URL that can not be used, without its password',
      [],
      { DATABASE_URL: 'postgres://u:secret@h/d?sslrootcert=/nowhere' },
      /the database URL can not be used/,
    ],
    [
      'a web configuration that is not there',
      ['--web.config.file', '/nowhere.yml'],
      {},
      /nowhere.yml/,
    ],
    [
      'an address it can not have',
      ['--host', '203.0.113.1', '--votes-status', 'x'],
      {},
      /choose another with --host or METRICS_HOST/,
    ],
    [
      'a name that no address has',
      ['--host', '999.1.1.1', '--votes-status', 'x'],
      {},
      /choose another with --host or METRICS_HOST/,
    ],
  ])('tells of %s', async (_, args, environment, problem) => {
    const ended = await startExporter(args, environment).ended;
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toMatch(problem);
    expect(ended.stderr).not.toContain('secret');
    expect(ended.stderr).not.toContain('    at ');
  });
});

test('a port that is taken is to be another', async () => {
  const first = await start(['--votes-status', status]);
  const { port } = new URL(first.url);
  const ended = await startExporter(['--port', port, '--votes-status', status]).ended;
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toContain('choose another with --port or METRICS_PORT');
});

test('--config.check says that all is right, and connects to nothing', async () => {
  const environment = { DATABASE_URL: 'postgres://u:secret@203.0.113.1/d' };
  const ended = await startExporter(['--config.check'], environment).ended;
  expect(ended).toMatchObject({ exitCode: 0 });
  expect(ended.stderr).toContain('the configuration is right');
});

test('it tells of files and of Postgres, and SIGTERM ends it, cleanly', async () => {
  const { database, owner } = await createOpsDatabase();
  await owner.close();
  const exporter = await start(['--votes-status', status], {
    DATABASE_URL: database.url('metrics'),
  });
  const text = await (await fetch(`${exporter.url}/metrics`)).text();
  expect(text).toContain('\nsluice_up 1\n');
  expect(text).toMatch(/^sluice_schema_version\{component="ops"\} \d+$/m);
  expect(text).toMatch(/^sluice_warehouse_rows\{.*\} 12$/m);
  expect(text).not.toMatch(/^sluice_exporter_collector_success\{.*\} 0$/m);
  exporter.kill('SIGTERM');
  expect(await exporter.ended).toMatchObject({ exitCode: 143, stdout: '' });
});

test('without a database that answers it starts, tells the rest, and says once what failed', async () => {
  const exporter = await start(['--votes-status', status], {
    DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/d',
  });
  for (let time = 0; time < 2; time += 1) {
    const text = await (await fetch(`${exporter.url}/metrics`)).text();
    expect(text).toContain('\nsluice_up 0\n');
    expect(text).toMatch(/^sluice_warehouse_rows\{.*\} 12$/m);
  }
  exporter.kill('SIGINT');
  const { exitCode, stderr } = await exporter.ended;
  expect(exitCode).toBe(130);
  expect(stderr.match(/collector database: /g)).toHaveLength(1);
  expect(stderr).not.toContain('secret');
});

test('SIGHUP reads the web configuration again, and keeps the one before where it is wrong', async () => {
  const web = join(folder, 'web.yml');
  const users = async (user: string) => `basic_auth_users:\n  ${user}: ${await hash('right', 4)}\n`;
  await writeFile(web, await users('first'));
  const exporter = await start(['--votes-status', status, '--web.config.file', web]);
  const ask = (user: string) =>
    fetch(`${exporter.url}/metrics`, {
      headers: { Authorization: `Basic ${Buffer.from(`${user}:right`).toString('base64')}` },
    });
  expect((await ask('first')).status).toBe(200);
  await writeFile(web, await users('second'));
  exporter.kill('SIGHUP');
  await exporter.said(/was read again/);
  expect((await ask('first')).status).toBe(401);
  expect(await (await ask('second')).text()).toContain(
    '\nsluice_config_last_reload_successful 1\n',
  );
  await writeFile(web, 'basic_auth_users:\n  second: *secret\n');
  exporter.kill('SIGHUP');
  const [said] = await exporter.said(/.*the old one stays/);
  expect(said).toContain('web.yml: an alias (*) stands for nothing');
  expect(said).not.toContain('secret');
  expect(await (await ask('second')).text()).toContain(
    '\nsluice_config_last_reload_successful 0\n',
  );
});

describe('by TLS', () => {
  let web: string;
  const own = createCertificate('self-signed', Date.now());
  const other = createCertificate('self-signed', Date.now());

  beforeEach(async () => {
    web = join(folder, 'web.yml');
    await writeFile(web, 'tls_server_config: { cert_file: own.pem, key_file: own.key }\n');
    await writeFile(join(folder, 'own.pem'), own.cert);
    await writeFile(join(folder, 'own.key'), own.key);
  });

  test.each<[string, 'own.pem' | 'own.key', string, string]>([
    ['another key', 'own.key', other.key, 'key_file own.key is not of cert_file own.pem'],
    ['a torn key', 'own.key', own.key.slice(0, 500), 'key_file own.key holds no key'],
    ['a torn certificate', 'own.pem', own.cert.slice(0, 500), 'cert_file own.pem holds no'],
  ])(
    '%s that does not fit is refused by a start and by --config.check, and by SIGHUP kept out',
    async (...args) => {
      const [, file, content, problem] = args;
      const flags = ['--votes-status', status, '--web.config.file', web];
      const exporter = await start(flags);
      await writeFile(join(folder, file), content);
      for (const more of [[], ['--config.check']]) {
        const { exitCode, stderr } = await startExporter([...flags, '--port', '0', ...more]).ended;
        expect(exitCode).toBe(2);
        expect(stderr).toContain(problem);
        expect(stderr).not.toContain('unexpected');
      }
      exporter.kill('SIGHUP');
      await exporter.said(/key_file own.key is not of|holds no/);
      await exporter.said(/the old one stays/);
      expect(await readTls(`${exporter.url}/metrics`)).toContain(
        '\nsluice_config_last_reload_successful 0\n',
      );
      await writeFile(join(folder, 'own.pem'), own.cert);
      await writeFile(join(folder, 'own.key'), own.key);
      exporter.kill('SIGHUP');
      await exporter.said(/was read again/);
      expect(await readTls(`${exporter.url}/metrics`)).toContain(
        '\nsluice_config_last_reload_successful 1\n',
      );
    },
  );

  test('a SIGHUP that would switch TLS off is refused, and ends nothing', async () => {
    const exporter = await start(['--votes-status', status, '--web.config.file', web]);
    await writeFile(web, '');
    exporter.kill('SIGHUP');
    await exporter.said(/TLS is switched on and off by a restart only; the old one stays/);
    expect(await readTls(`${exporter.url}/metrics`)).toContain(
      '\nsluice_config_last_reload_successful 0\n',
    );
  });

  async function readTls(url: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get(url, { ca: own.cert, agent: false }, (answer) => {
        readText(answer).then(resolve, reject);
      }).on('error', reject);
    });
  }
});
