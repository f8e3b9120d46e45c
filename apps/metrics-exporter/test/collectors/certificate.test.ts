import { createCertificate } from '@sluice/jao-simulator';
import { expect, test } from 'vitest';

import { certificateCollector } from '../../src/collectors/certificate.ts';
import { openWebConfig } from '../../src/web-config/web-config.ts';
import type { WebConfig } from '../../src/web-config/web-config.ts';

const { signal } = new AbortController();

function webWith(cert: string): WebConfig {
  return {
    ...openWebConfig,
    tls: { cert: Buffer.from(cert), key: Buffer.from(''), clientCa: undefined },
  };
}

test('the certificate in use tells when it expires, and so does the next one', async () => {
  const { cert } = createCertificate('self-signed', Date.parse('2026-03-10T12:00:00Z'));
  let web = openWebConfig;
  const collector = certificateCollector(() => web);
  expect(await collector.collect(signal)).toMatchObject([{ samples: [] }]);
  web = webWith(cert);
  const value = Date.parse('2027-03-10T12:00:00Z') / 1000;
  expect(await collector.collect(signal)).toMatchObject([{ samples: [{ value }] }]);
});

test('what is no certificate fails the collector, and nothing else', async () => {
  await expect(certificateCollector(() => webWith('none')).collect(signal)).rejects.toThrow();
});
