/**
 * Loaded into each process of jao-scraper ahead of its code (`node --import`): days of core/maxNetPos are due
 * at the time of day that `SLUICE_TEST_DUE_TIME` says, and late from then on, so that a test need wait
 * neither for half past ten nor for two hours of grace.
 */
import { findDataset } from '@sluice/schemas/jao';

const contract = findDataset('core/maxNetPos');
if (contract === undefined) {
  throw new RangeError('core/maxNetPos: not in the catalogue');
}
Object.assign(contract.publication, {
  dueLocalTime: process.env['SLUICE_TEST_DUE_TIME'],
  graceMinutes: 0,
});
