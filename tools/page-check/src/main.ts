import { basename, join } from 'node:path';

import { PageChecker } from './page-checker.ts';
import type { Viewing } from './page-checker.ts';

const views: readonly (readonly [string, Viewing])[] = [
  ['light', { widthPixels: 1200, heightPixels: 1500, scheme: 'light' }],
  ['dark', { widthPixels: 1200, heightPixels: 1500, scheme: 'dark' }],
  ['phone', { widthPixels: 390, heightPixels: 1500, scheme: 'light' }],
];

const [file, folder] = process.argv.slice(2);
if (file === undefined || folder === undefined) {
  process.stderr.write('usage: node tools/page-check/src/main.ts <page.html> <folder>\n');
  process.exitCode = 2;
} else {
  const checker = await PageChecker.open();
  try {
    for (const [name, viewing] of views) {
      const target = join(folder, `${basename(file, '.html')}-${name}.png`);
      await checker.draw(file, { viewing, target });
      process.stdout.write(`${target}\n`);
    }
  } finally {
    await checker.close();
  }
}
