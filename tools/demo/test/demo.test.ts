import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('the demo runs from its first step to its last', () => {
  const folder = `tools/demo/test-output/demo-${process.pid}`;
  const script = `
    import { runDemo } from ${JSON.stringify(new URL('../src/demo.ts', import.meta.url).href)};
    process.exitCode = await runDemo({ root: ${JSON.stringify(root)}, folder: ${JSON.stringify(folder)}, rows: 5000 });`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(child.stderr).not.toContain('Error');
  expect(child.status, child.stdout + child.stderr).toBe(0);
  expect(child.stdout).toContain('already_ingested');
  const status: unknown = JSON.parse(
    readFileSync(`${root}/${folder}/warehouse.db.status.json`, 'utf8'),
  );
  expect(status).toMatchObject({ filesByOutcome: { ingested: 2, already_ingested: 2 } });
}, 60_000);
