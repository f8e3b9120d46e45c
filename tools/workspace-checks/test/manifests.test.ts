import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { listProjects } from '../src/projects.ts';

interface Manifest {
  readonly bin?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const projects = listProjects(root);

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}

test.each(['.', ...projects])('%s pins its dependencies exactly', async (folder) => {
  const { dependencies, devDependencies, optionalDependencies } = await readManifest(folder);
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const inexact = all.filter(([name, version]) =>
    name.startsWith('@sluice/')
      ? version !== '*'
      : !/^(npm:(@[^@]+\/)?[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
  );
  expect(inexact).toEqual([]);
});

test('the lockfile names no download host', async () => {
  expect(await readFile(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "\w+:/);
});

// `npx <name>` works on a fresh clone only if the launcher is there when npm links it.
test('every command is a launcher outside dist, of a project that depends on what it loads', async () => {
  const launchers: string[] = [];
  for (const folder of projects) {
    const { bin = {}, dependencies = {} } = await readManifest(folder);
    for (const [name, path] of Object.entries(bin)) {
      expect(path).toBe(`bin/${name}.js`);
      expect(existsSync(join(root, folder, 'src/main.ts'))).toBe(true);
      expect(dependencies).toHaveProperty('@sluice/command-line');
      launchers.push(await readFile(join(root, folder, path), 'utf8'));
    }
  }
  expect(launchers.length).toBeGreaterThanOrEqual(2);
  expect(new Set(launchers).size).toBe(1);
});
