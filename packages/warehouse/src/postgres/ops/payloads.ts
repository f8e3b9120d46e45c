import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { z } from 'zod';

import { PostgresError } from '../errors.ts';
import type { Queryable } from '../postgres-transaction.ts';
import type { CompressedPayload } from './attempts.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const payloadRowSchema = z.object({
  content: z.instanceof(Buffer),
  encoding: z.enum(['zstd', 'identity']),
  decodedBytes: z.int(),
});

/**
 * What is to be kept of an answer: `decoded` is what it was after the transfer's own compression, and
 * `hash` its SHA-256, for whoever has it already.
 */
export async function compressPayload(
  decoded: Uint8Array,
  hash: Uint8Array = hashPayload(decoded),
): Promise<CompressedPayload> {
  const compressed = await compress(decoded);
  const isSmaller = compressed.length < decoded.length;
  return {
    hash,
    content: isSmaller ? compressed : decoded,
    encoding: isSmaller ? 'zstd' : 'identity',
    decodedBytes: decoded.length,
  };
}

/**
 * Keeps a payload, unless its content is there already: for a transaction that has more to do before
 * it closes the attempt.
 */
export async function storePayload(
  db: Queryable,
  payload: CompressedPayload,
  attemptId: number,
): Promise<void> {
  await db.run(
    `insert into ops.payload (payload_hash, content, encoding, decoded_bytes, first_attempt_id)
     values ($1, $2, $3, $4, $5)
     on conflict (payload_hash) do nothing`,
    [
      Buffer.from(payload.hash),
      Buffer.from(payload.content),
      payload.encoding,
      payload.decodedBytes,
      attemptId,
    ],
  );
}

/** What names a payload: SHA-256. */
export function hashPayload(decoded: Uint8Array): Buffer {
  return createHash('sha256').update(decoded).digest();
}

/**
 * The bytes of an answer, checked against their hash; undefined where they are not kept.
 *
 * @throws {PostgresError} `INTERNAL` where they are not what they were.
 */
export async function readPayload(db: Queryable, hash: Uint8Array): Promise<Buffer | undefined> {
  const key = Buffer.from(hash);
  const [row] = await db.rows(
    payloadRowSchema,
    `select content, encoding, decoded_bytes as "decodedBytes"
       from ops.payload where payload_hash = $1`,
    [key],
  );
  if (row === undefined) {
    return undefined;
  }
  const decoded =
    row.encoding === 'identity'
      ? row.content
      : // What it says it is, so that damaged bytes fill no memory.
        await decompress(row.content, { maxOutputLength: Math.max(row.decodedBytes, 1) });
  if (!hashPayload(decoded).equals(key)) {
    throw new PostgresError('INTERNAL', `payload ${key.toString('hex')}: its bytes have changed`);
  }
  return decoded;
}
