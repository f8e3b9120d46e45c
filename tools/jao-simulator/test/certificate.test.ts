import { get } from 'node:https';
import { text } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import type { JaoSimulator } from '../src/index.ts';
import { dayUrl, simulate } from './simulate.ts';

/** The body over HTTPS, for a client that trusts the simulator's certificate or nobody in particular. */
async function askOverTls(simulator: JaoSimulator, trusts: boolean): Promise<string> {
  const ca = trusts ? simulator.certificate : undefined;
  return new Promise((resolve, reject) => {
    get(dayUrl(simulator, 'swe/Adjustment', '2026-04-20'), { ca, agent: false }, (response) => {
      text(response).then(resolve, reject);
    }).on('error', reject);
  });
}

test('self-signed: refused by a stranger, and good for who was given the certificate', async () => {
  const simulator = await simulate({ tls: 'self-signed' });
  expect(simulator.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
  await expect(askOverTls(simulator, false)).rejects.toMatchObject({
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  expect(JSON.parse(await askOverTls(simulator, true))).toMatchObject({ rejected: false });
});

test('expired and wrong-host: refused also by who was given the certificate', async () => {
  const expired = await simulate({ tls: 'expired' });
  await expect(askOverTls(expired, true)).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
  const wrongHost = await simulate({ tls: 'wrong-host' });
  await expect(askOverTls(wrongHost, true)).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

test('a redirect from HTTPS to HTTP is a downgrade', async () => {
  const simulator = await simulate({ tls: 'self-signed' });
  simulator.inject({ kind: 'redirect_downgrade' });
  const location = await new Promise<string | undefined>((resolve, reject) => {
    const options = { ca: simulator.certificate, agent: false } as const;
    get(dayUrl(simulator, 'swe/Adjustment', '2026-04-20'), options, (response) => {
      response.resume();
      resolve(response.headers.location);
    }).on('error', reject);
  });
  expect(location).toMatch(/^http:\/\/127\.0\.0\.1:/);
});
