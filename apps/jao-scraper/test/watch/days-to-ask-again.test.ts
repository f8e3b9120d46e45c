import { daysBetween, dueAtMs } from '@sluice/schemas/jao';
import { openAs } from '@sluice/warehouse/postgres-testing';
import { expect, test } from 'vitest';

import { DaysToAskAgain } from '../../src/watch/days-to-ask-again.ts';
import { wholeDays } from '../cell-coverage/history.ts';
import { createDatabaseWith } from '../cell-coverage/write-history.ts';
import { contractOf } from '../store/test-store.ts';

const contract = contractOf('core/maxExchanges');
const days = daysBetween('2026-03-10', '2026-03-12');

test('knows the days with a state that is configured to be asked for again, and looks once a minute', async () => {
  const whole = wholeDays(contract, days, ['a']);
  const { database, owner } = await createDatabaseWith(contract, {
    ...whole,
    versions: [
      ...whole.versions,
      {
        key: 'a',
        deliveryStartMs: Date.parse('2026-03-10T23:00:00Z'),
        knownFromMs: dueAtMs(contract, '2026-03-12'),
        value: null,
        withdrawn: true,
      },
    ],
  });
  const worker = await openAs(database, 'worker');
  const again = new DaysToAskAgain({ 'core/maxExchanges': { withdrawn: ['re-ask', 'alert'] } });
  expect([...(await again.read(worker, contract, days))]).toEqual(['2026-03-11']);
  await owner.run('delete from jao.day_range');
  expect([...(await again.read(worker, contract, days))]).toEqual(['2026-03-11']);
  expect([...(await new DaysToAskAgain({}).read(worker, contract, days))]).toEqual([]);
  await worker.close();
  await owner.close();
});
