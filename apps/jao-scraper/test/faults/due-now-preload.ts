/**
 * Loaded into a watcher ahead of its code (`node --import`): days of core/maxNetPos are due at the time
 * of day that `SLUICE_TEST_DUE_TIME` says, so that a test need not wait for half past ten.
 */
import { findDataset } from '@sluice/schemas/jao';

const contract = findDataset('core/maxNetPos');
if (contract === undefined) {
  throw new RangeError('core/maxNetPos: not in the catalogue');
}
Object.assign(contract.publication, { dueLocalTime: process.env['SLUICE_TEST_DUE_TIME'] });
