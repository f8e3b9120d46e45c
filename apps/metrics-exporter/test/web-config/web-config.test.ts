import { createCertificate } from '@sluice/jao-simulator';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readWebConfig } from '../../src/web-config/web-config.ts';

let folder: string;
let path: string;
const bcryptHash = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-web-config-'));
  path = join(folder, 'web.yml');
  const { cert, key } = createCertificate('self-signed', Date.now());
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  await writeFile(join(folder, 'other-key.pem'), createCertificate('self-signed', Date.now()).key);
  await writeFile(join(folder, 'torn-cert.pem'), cert.slice(0, cert.length / 2));
  await writeFile(join(folder, 'torn-key.pem'), key.slice(0, key.length / 2));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const usable: readonly (readonly [string, string])[] = [
  ['an empty file', ''],
  ['users', `basic_auth_users:\n  prometheus: ${bcryptHash}\n`],
  [
    'sections with nothing in them',
    'basic_auth_users:\ntls_server_config:\nhttp_server_config:\n  headers:\n',
  ],
  ['users of the least cost', `basic_auth_users:\n  a: ${bcryptHash.replace('$10$', '$04$')}\n`],
  ['users of the greatest cost', `basic_auth_users:\n  a: ${bcryptHash.replace('$10$', '$31$')}\n`],
  ['TLS with files beside it', 'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n'],
  [
    'TLS with clients, versions, headers',
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: cert.pem\n  min_version: TLS12\n  max_version: TLS13\nhttp_server_config:\n  headers:\n    Strict-Transport-Security: max-age=31536000\n',
  ],
];

test.each(usable)('%s can be used', async (_, yaml) => {
  await writeFile(path, yaml);
  await expect(readWebConfig(path)).resolves.toBeDefined();
});

test.each([
  ['an unknown key', 'basic_auth_user:\n  a: b\n', 'there is no "basic_auth_user" here'],
  [
    'an unknown key of TLS',
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  cipher: x\n',
    'tls_server_config: there is no "cipher" here',
  ],
  [
    'a header that is not allowed',
    'http_server_config:\n  headers:\n    Server: me\n',
    'http_server_config.headers',
  ],
  [
    'a header with a value that it does not have',
    'http_server_config:\n  headers:\n    X-Frame-Options: secret-password\n',
    'http_server_config.headers.X-Frame-Options',
  ],
  [
    'a header with letters that no header may have',
    'http_server_config:\n  headers:\n    Content-Security-Policy: "é€"\n',
    'http_server_config.headers.Content-Security-Policy: has a character',
  ],
  [
    'a header of two lines',
    'http_server_config:\n  headers:\n    Content-Security-Policy: "a\\r\\nb"\n',
    'http_server_config.headers.Content-Security-Policy: has a character',
  ],
  ...['03', '32', '99'].map((cost) => [
    `a hash of cost ${cost}`,
    `basic_auth_users:\n  a: ${bcryptHash.replace('$10$', `$${cost}$`)}\n`,
    'basic_auth_users.a: must be a bcrypt hash of a cost from 4 to 31',
  ]),
  [
    'a password that is read as an alias',
    'basic_auth_users:\n  a: *secret-password\n',
    'an alias (*) stands for nothing',
  ],
  [
    'aliases without end',
    `a: &a [${'x,'.repeat(9)}x]\n${['b', 'c', 'd', 'e', 'f']
      .map((name, index) => {
        const before = `*${'abcde'.charAt(index)}`;
        return `${name}: &${name} [${`${before},`.repeat(9)}${before}]\n`;
      })
      .join('')}`,
    'or for too much',
  ],
  [
    'a key that is no name',
    'basic_auth_users:\n  {a: secret-password}: b\n',
    'not YAML: NON_STRING_KEY at line 2',
  ],
  [
    'a password that is no hash',
    'basic_auth_users:\n  a: secret-password\n',
    'basic_auth_users.a: must be a bcrypt hash',
  ],
  [
    'a certificate without its key',
    'tls_server_config:\n  cert_file: cert.pem\n',
    'tls_server_config.key_file',
  ],
  [
    'a key that is not there',
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: none.pem\n',
    'ENOENT',
  ],
  [
    'a torn certificate',
    'tls_server_config:\n  cert_file: torn-cert.pem\n  key_file: key.pem\n',
    'cert_file torn-cert.pem holds no certificate that can be used',
  ],
  [
    'a torn key',
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: torn-key.pem\n',
    'key_file torn-key.pem holds no key that can be used',
  ],
  [
    'a key of another certificate',
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: other-key.pem\n',
    'key_file other-key.pem is not of cert_file cert.pem',
  ],
  [
    'torn certificates of clients',
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: torn-cert.pem\n',
    'client_ca_file torn-cert.pem holds no certificates that can be used',
  ],
  [
    'clients to verify by nothing',
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  client_auth_type: VerifyClientCertIfGiven\n',
    'client_ca_file: is needed',
  ],
  [
    'versions upside down',
    'tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  min_version: TLS13\n  max_version: TLS12\n',
    'must not be below min_version',
  ],
  [
    'a key twice',
    `basic_auth_users:\n  a: secret-password\n  a: secret-password\n`,
    'not YAML: DUPLICATE_KEY at line 3',
  ],
  ['no YAML', 'basic_auth_users: {secret-password\n', 'not YAML'],
  ['a list', '- a\n', 'web.yml'],
])('%s is refused, with its place and without what is secret', async (_, yaml, problem) => {
  await writeFile(path, yaml);
  const error = await readWebConfig(path).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(String(error)).toContain(problem);
  expect(String(error)).not.toContain('secret-password');
});

const promtool = spawnSync('promtool', ['--version']);

describe.skipIf(promtool.error !== undefined)('promtool, where it is installed', () => {
  test.each(usable)('agrees about %s', async (_, yaml) => {
    await writeFile(path, yaml);
    expect(spawnSync('promtool', ['check', 'web-config', path]).status).toBe(0);
  });
});
