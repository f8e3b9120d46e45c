import { CommandError } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import { readFile } from 'node:fs/promises';

import type { Config } from '../config.ts';

const prefix = 'whsec_';
/** As Standard Webhooks wants them, in bytes. */
const minSecretBytes = 24;
const maxSecretBytes = 64;
/** Two while one is changed for another. */
const maxSecrets = 2;

type SecretSettings = Pick<Config, 'webhookSecret' | 'webhookSecretFile'>;

/**
 * The keys that every delivery is signed with: one, or two while receivers change over. No message has
 * any of what was read.
 *
 * @throws {CommandError} wrong configuration: none, no file, or no secret in it.
 */
export async function readWebhookSecrets({
  webhookSecret,
  webhookSecretFile,
}: SecretSettings): Promise<readonly Buffer[]> {
  if (webhookSecret !== undefined && webhookSecretFile === undefined) {
    return parseSecrets(webhookSecret, 'JAO_WEBHOOK_SECRET');
  }
  if (webhookSecretFile !== undefined && webhookSecret === undefined) {
    return parseSecrets(await readSecretFile(webhookSecretFile), webhookSecretFile);
  }
  throw usageError(
    webhookSecret === undefined
      ? 'what goes to the webhook is signed: give a secret by JAO_WEBHOOK_SECRET or JAO_WEBHOOK_SECRET_FILE'
      : 'JAO_WEBHOOK_SECRET and JAO_WEBHOOK_SECRET_FILE: choose one of them',
  );
}

async function readSecretFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new CommandError(`JAO_WEBHOOK_SECRET_FILE: ${path} could not be read (${code})`, {
      exitCode: exitCodes.usage,
      cause,
    });
  }
}

function parseSecrets(text: string, place: string): readonly Buffer[] {
  const secrets = text
    .split(/\s+/)
    .filter((part) => part !== '')
    .map(parseSecret);
  const isWrong =
    secrets.length === 0 || secrets.length > maxSecrets || secrets.includes(undefined);
  if (isWrong) {
    throw usageError(
      `${place}: must be ${prefix} and ${minSecretBytes} to ${maxSecretBytes} bytes in base64, or two such ` +
        'with a blank or a line break between them',
    );
  }
  return secrets.flatMap((secret) => secret ?? []);
}

function parseSecret(text: string): Buffer | undefined {
  const encoded = text.startsWith(prefix) ? text.slice(prefix.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  const isExact = bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
  return isExact && bytes.length >= minSecretBytes && bytes.length <= maxSecretBytes
    ? bytes
    : undefined;
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
