import { compareSync } from 'bcryptjs';
import { parentPort } from 'node:worker_threads';

import type { Comparison } from './compare-passwords.ts';

parentPort?.on('message', ({ password, hash }: Comparison) => {
  parentPort?.postMessage(compareSync(password, hash));
});
