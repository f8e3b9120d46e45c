import type { ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

import type { Fault } from './fault.ts';
import { emptyAnswerText } from './planned-answer.ts';

const blockBytes = 2 ** 20;
const bombBytes = 64 * blockBytes;
const hugeBytes = 100_000_000;

/**
 * Sends a document of very many spaces: plain, or compressed to about a thousandth of it.
 *
 * It is streamed: the simulator itself holds a block of it at a time.
 */
export function sendFlood(response: ServerResponse, { kind, sizeBytes }: Fault): void {
  const isBomb = kind === 'gzip_bomb';
  const size = sizeBytes ?? (isBomb ? bombBytes : hugeBytes);
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    ...(isBomb ? { 'content-encoding': 'gzip' } : { 'content-length': String(size) }),
  });
  const blocks = Readable.from(spacedDocument(size));
  // A client that hangs up in the middle does what it should.
  const ignore = () => undefined;
  if (isBomb) pipeline(blocks, createGzip({ level: 9 }), response, ignore);
  else pipeline(blocks, response, ignore);
}

function* spacedDocument(sizeBytes: number): Generator<Buffer> {
  const tail = Buffer.from(emptyAnswerText.slice('{'.length));
  yield Buffer.from('{');
  const block = Buffer.alloc(blockBytes, ' ');
  let left = sizeBytes - 1 - tail.length;
  for (; left > blockBytes; left -= blockBytes) yield block;
  yield block.subarray(0, Math.max(0, left));
  yield tail;
}
