import { fileURLToPath } from 'node:url';

import { runDemo } from './demo.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

process.exitCode = await runDemo({ root, folder: '.sluice/demo', rows: 200_000 });
