#!/usr/bin/env node
// Starts ../dist/main.js. Committed, because npm makes no link to a file that is absent when it links.
// The same text in each project: the name is the file's own.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const name = basename(fileURLToPath(import.meta.url), '.js');
const main = new URL('../dist/main.js', import.meta.url);
const workspaceNode = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
// Compiled once, not at every start. Not in a folder for all users, where others could write it.
const compileCache = new URL('../../../node_modules/.cache/compile', import.meta.url);
const oldestMajor = 24;

if (!existsSync(main)) {
  process.stderr.write(`${name}: not built yet; build it with: npx nx build ${name}\n`);
  process.exitCode = 1;
} else if (Number.parseInt(process.versions.node, 10) >= oldestMajor) {
  module.enableCompileCache(fileURLToPath(compileCache));
  await import(main.href);
} else if (existsSync(workspaceNode)) {
  runOn(workspaceNode);
} else {
  process.stderr.write(
    `${name}: needs Node.js ${oldestMajor} or newer, this is ${process.version}\n`,
  );
  process.exitCode = 1;
}

function runOn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
    } else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
