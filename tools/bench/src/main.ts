import { median } from './median.ts';

process.stdout.write(`${String(median(process.argv.slice(2).map(Number)))}\n`);
