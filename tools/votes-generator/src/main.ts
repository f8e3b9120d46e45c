import { main } from './run.ts';

process.exitCode = main(process.stdout);
