import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { searchPath } from './config.ts';

/** The names that a program may have; Debian calls two of them by longer ones than their makers do. */
const programs = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  alertmanager: ['prometheus-alertmanager', 'alertmanager'],
  amtool: ['amtool'],
} as const;

/** A program of Prometheus' makers. */
export type Program = keyof typeof programs;

/** A program of this machine, by its path; undefined where it has none. Nothing is ever downloaded. */
export function findProgram(program: Program): string | undefined {
  const folders = searchPath()
    .split(delimiter)
    .filter((folder) => folder !== '');
  return programs[program]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
