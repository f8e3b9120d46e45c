import { expect, test } from 'vitest';

import { describeTimescaleDb } from '../../src/database/status-command.ts';

test.each([
  ['its version', '2.21.0', true, 'hypertable', /^2\.21\.0$/],
  ['that the server has none', null, false, null, /^not there$/],
  ['who creates it in time', null, true, null, /administrator runs `create extension timescaledb`/],
  ['that it comes too late', null, true, 'partitions', /the first migration went without it$/],
] as const)(
  'status tells of TimescaleDB %s',
  (_, timescaleDb, isTimescaleDbAvailable, storage, text) => {
    expect(describeTimescaleDb({ timescaleDb, isTimescaleDbAvailable, storage })).toMatch(text);
  },
);
