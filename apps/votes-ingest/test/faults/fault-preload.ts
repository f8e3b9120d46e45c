/**
 * Loaded into a process of the app ahead of its code (`node --import`). Reports what the process
 * does to the outside world, call by call: what it asks of DuckDB, and how it replaces files. At the
 * call that its plan names it kills itself, without a chance to clean up, or lets the call fail.
 * With `--expose-gc` it collects garbage at each call: what was forgotten shows at once.
 *
 * The app knows nothing of this: the functions of the client and of Node are wrapped.
 */
import { writeSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import { createRequire, syncBuiltinESMExports } from 'node:module';

import type { FaultPlan } from './fault-plan.ts';
import { faultPlanVariable, reportDescriptor } from './fault-plan.ts';

type AnyFunction = (...args: unknown[]) => unknown;
type Describe = (...args: unknown[]) => string | undefined;

const planText = process.env[faultPlanVariable];
// Our own tests write it, with JSON.stringify.
const plan = planText === undefined ? undefined : (JSON.parse(planText) as FaultPlan);
let callCount = 0;

wrapDuckDb();
await wrapFileSystem();

function wrapDuckDb(): void {
  // Only the warehouse package may import the client, so it is looked for from there.
  const requireAsWarehouse = createRequire(import.meta.resolve('@sluice/warehouse'));
  // These are the client's classes; `wrap` makes sure that they have what is wrapped.
  const { DuckDBInstance, DuckDBConnection, DuckDBAppender } = requireAsWarehouse(
    '@duckdb/node-api',
  ) as Record<string, { readonly prototype: object }>;
  wrap(DuckDBInstance, 'create', () => 'open the database');
  wrap(DuckDBInstance?.prototype, 'connect', () => 'connect');
  wrap(DuckDBInstance?.prototype, 'closeSync', () => 'close the database');
  // runAndReadAll and its like call this one.
  wrap(DuckDBConnection?.prototype, 'run', firstWords);
  wrap(DuckDBConnection?.prototype, 'stream', firstWords);
  wrap(DuckDBConnection?.prototype, 'createAppender', (table) => `append to ${String(table)}`);
  wrap(DuckDBConnection?.prototype, 'closeSync', () => 'close a connection');
  for (const name of ['appendDataChunk', 'flushSync', 'closeSync', 'clear']) {
    wrap(DuckDBAppender?.prototype, name, () => `appender ${name}`);
  }
}

async function wrapFileSystem(): Promise<void> {
  const ownFile = await fsPromises.open(import.meta.filename, 'r');
  const fileHandlePrototype: unknown = Object.getPrototypeOf(ownFile);
  await ownFile.close();
  wrap(fileHandlePrototype, 'writeFile', () => 'write a file');
  wrap(fileHandlePrototype, 'sync', () => 'sync a file');
  for (const name of ['rename', 'rm', 'unlink', 'link', 'copyFile', 'mkdir', 'rmdir']) {
    wrap(fsPromises, name, () => `${name} a file`);
  }
  wrap(fsPromises, 'open', (_path, flags) =>
    flags === undefined || flags === 'r' ? undefined : 'open a file to write',
  );
  syncBuiltinESMExports();
}

/** `describe` gives `undefined` for a call that changes nothing. */
function wrap(target: unknown, name: string, describe: Describe): void {
  const isObject = (typeof target === 'object' || typeof target === 'function') && target !== null;
  const original: unknown = isObject ? Reflect.get(target, name) : undefined;
  if (!isObject || typeof original !== 'function') {
    throw new TypeError(`${name}: there is no such function to wrap`);
  }
  const isSynchronous = name.endsWith('Sync') || name === 'appendDataChunk' || name === 'clear';
  Reflect.set(target, name, function (this: unknown, ...args: unknown[]): unknown {
    const call = (): unknown => Reflect.apply(original as AnyFunction, this, args);
    const description = describe(...args);
    return description === undefined ? call() : makeCall(call, description, isSynchronous);
  });
}

function makeCall(call: () => unknown, description: string, isSynchronous: boolean): unknown {
  callCount += 1;
  globalThis.gc?.();
  const moment = callCount === plan?.at ? plan.moment : undefined;
  report(`> ${description}`);
  if (moment === 'before') {
    die();
  }
  if (moment === 'instead') {
    return failInstead(description, isSynchronous);
  }
  const result = call();
  if (moment === 'during') {
    spin(plan?.microseconds ?? 0);
    die();
  }
  const end = (value: unknown): unknown => {
    if (moment === 'after') {
      die();
    }
    report(`< ${description}`);
    return value;
  };
  return isSynchronous ? end(result) : Promise.resolve(result).then(end);
}

function failInstead(description: string, isSynchronous: boolean): Promise<never> {
  const message = `IO Error: ${description}: No space left on device`;
  const error = Object.assign(new Error(message), { code: 'ENOSPC' });
  if (isSynchronous) {
    throw error;
  }
  return Promise.reject(error);
}

function report(line: string): void {
  writeSync(reportDescriptor, `${line}\n`);
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

function spin(microseconds: number): void {
  const end = performance.now() + microseconds / 1000;
  while (performance.now() < end) {
    // DuckDB works on its own threads meanwhile.
  }
}

function firstWords(sql: unknown): string {
  return String(sql).trim().split(/\s+/).slice(0, 5).join(' ');
}
