// Builds the workspace after `npm install` and `npm ci`, so that `npx votes-ingest` works on a fresh clone.
// A build that fails is reported and does not fail the install: `npm run build` shows all of it.
// Without the development dependencies there is nothing to build with, and nothing is done.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const nx = findNx();
if (nx !== undefined) {
  const build = spawnSync(process.execPath, [nx, 'run-many', '-t', 'build', '--skipSync'], {
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (build.status !== 0) {
    process.stderr.write(`${build.stdout}${build.stderr}\nBuild failed, run: npm run build\n`);
  }
}

function findNx() {
  try {
    return fileURLToPath(import.meta.resolve('nx'));
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
