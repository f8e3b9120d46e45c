// Holds a warehouse open, for reading or writing, until its standard input ends.
import { DuckDbWarehouse } from '@sluice/warehouse';

const [path = '', access] = process.argv.slice(2);
const warehouse = await DuckDbWarehouse.open({
  path,
  access: access === 'read' ? 'read' : 'write',
  lockTimeoutMs: 0,
});
process.stdout.write('held\n');
process.stdin.resume().on('end', () => {
  warehouse.close();
});
