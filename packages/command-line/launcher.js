// Read by older versions of Node too, which end here: plain JavaScript, and no other file of the package.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldestMajor = 24;
/** @type {readonly NodeJS.Signals[]} */
const passedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Starts a project's `dist/main.js`: in this process, or where its Node is too old in one of the
 * workspace's Node, which shares its streams and gets its signals, and whose end becomes its own. Where
 * the process is killed, the other one is told to stop.
 *
 * Says what is missing, and exits with 1, where the project is not built or there is no newer Node.
 *
 * @param {string} launcherUrl `import.meta.url` of `<project>/bin/<name>.js`
 * @returns {Promise<void>}
 */
export async function launch(launcherUrl) {
  const launcher = fileURLToPath(launcherUrl);
  const name = basename(launcher, '.js');
  const main = new URL('../dist/main.js', launcherUrl);
  const modules = new URL('../../../node_modules/', launcherUrl);
  const workspaceNode = fileURLToPath(new URL('.bin/node', modules));

  if (!existsSync(main)) {
    fail(`${name}: not built yet; build it with: npx nx build ${name}`);
  } else if (Number.parseInt(process.versions.node, 10) >= oldestMajor) {
    // Compiled once, not at every start. Not in a folder for all users, where others could write it.
    module.enableCompileCache(fileURLToPath(new URL('.cache/compile', modules)));
    stopWithParent();
    await import(main.href);
  } else if (existsSync(workspaceNode)) {
    runOn(workspaceNode, launcher);
  } else {
    fail(`${name}: needs Node.js ${oldestMajor} or newer, this is ${process.version}`);
  }
}

/** @param {string} problem */
function fail(problem) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}

/** Its end of the channel closes whatever ends the process that has started this one. */
function stopWithParent() {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // Listening keeps no program from ending.
  process.channel?.unref();
}

/**
 * @param {string} node
 * @param {string} launcher
 */
function runOn(node, launcher) {
  const child = spawn(node, [launcher, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of passedSignals) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? undefined;
    } else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}
