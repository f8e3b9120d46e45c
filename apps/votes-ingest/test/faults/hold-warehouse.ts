/**
 * Opens a warehouse for reading or for writing, says `held`, and keeps it until its standard input
 * ends: `node hold-warehouse.ts <file> read|write`.
 */
import { DuckDbWarehouse } from '@sluice/warehouse';

const [path = '', access] = process.argv.slice(2);
const warehouse = await DuckDbWarehouse.open({
  path,
  access: access === 'write' ? 'write' : 'read',
  lockTimeoutMs: 0,
});
process.stdout.write('held\n');
process.stdin.resume();
process.stdin.on('end', () => {
  warehouse.close();
});
