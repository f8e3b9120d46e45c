import { generateKeyPairSync, randomBytes } from 'node:crypto';

import forge from 'node-forge';

/**
 * `self-signed` is for 127.0.0.1 and localhost, and good for whoever is given it as an authority;
 * `expired` was, until yesterday; `wrong-host` is for elsewhere.invalid.
 */
export const certificateKinds = ['self-signed', 'expired', 'wrong-host'] as const;

export type CertificateKind = (typeof certificateKinds)[number];

/** A key and its certificate, both as PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const dayMs = 86_400_000;
const dnsName = 2;
const ipAddress = 7;

/** Makes a new certificate, signed with its own key, that is good from `nowMs` on for a year or not at all. */
export function createCertificate(kind: CertificateKind, nowMs: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // A leading zero keeps the number positive.
  certificate.serialNumber = `00${randomBytes(8).toString('hex')}`;
  const expiredMs = kind === 'expired' ? 367 * dayMs : 0;
  certificate.validity.notBefore = new Date(nowMs - dayMs - expiredMs);
  certificate.validity.notAfter = new Date(nowMs + 365 * dayMs - expiredMs);
  const name = [{ name: 'commonName', value: 'jao-simulator' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  const hosts = [
    { type: dnsName, value: 'localhost' },
    { type: ipAddress, ip: '127.0.0.1' },
  ];
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    {
      name: 'subjectAltName',
      altNames: kind === 'wrong-host' ? [{ type: dnsName, value: 'elsewhere.invalid' }] : hosts,
    },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { key: privateKey, cert: forge.pki.certificateToPem(certificate) };
}
