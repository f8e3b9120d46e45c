import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { searchPath } from './config.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The Chromium of this machine, by its path; undefined where it has none. Nothing is ever downloaded. */
export function findChromium(): string | undefined {
  const folders = searchPath()
    .split(delimiter)
    .filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
