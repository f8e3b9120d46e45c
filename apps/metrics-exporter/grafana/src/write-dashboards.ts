import { writeFile } from 'node:fs/promises';

import { buildDashboards } from './dashboards.ts';

for (const [name, text] of Object.entries(buildDashboards())) {
  await writeFile(new URL(`../dashboards/${name}`, import.meta.url), text);
}
