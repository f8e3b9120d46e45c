import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

const hash = createHash('sha256');
let updated = 0;

parentPort?.on('message', (bytes: Uint8Array | null) => {
  if (bytes === null) {
    parentPort?.postMessage({ sha256: hash.digest('hex') });
    parentPort?.close();
    return;
  }
  hash.update(bytes);
  updated += 1;
  parentPort?.postMessage({ updated });
});
