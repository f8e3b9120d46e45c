import { expect, test } from 'vitest';

import { measuredEnvironment } from '../src/config.ts';

test('what configures an app or Node does not reach a measured process', () => {
  const environment = {
    PATH: '/bin',
    TMPDIR: '/tmp',
    SLUICE_MEMORY_LIMIT: '64MB',
    NODE_OPTIONS: '--inspect',
    JAO_CONCURRENCY: '1',
    DATABASE_URL: 'postgres://elsewhere',
    PGOPTIONS: '-c jit=on',
  };
  expect(measuredEnvironment(environment)).toEqual({ PATH: '/bin', TMPDIR: '/tmp' });
});
