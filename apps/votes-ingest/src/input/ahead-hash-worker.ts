import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

import type { HashedFile } from './ahead-hash.ts';

/** Larger pieces are read no faster. */
const pieceBytes = 1024 * 1024;

parentPort?.on('message', (path: string) => {
  parentPort?.postMessage(hashFile(path));
  parentPort?.close();
});

function hashFile(path: string): HashedFile {
  let bytes = 0;
  const hash = createHash('sha256');
  const piece = new Uint8Array(pieceBytes);
  const file = openSync(path, 'r');
  try {
    let bytesRead = readSync(file, piece);
    while (bytesRead > 0) {
      bytes += bytesRead;
      hash.update(piece.subarray(0, bytesRead));
      bytesRead = readSync(file, piece);
    }
  } finally {
    closeSync(file);
  }
  return { sha256: hash.digest('hex'), bytes };
}
