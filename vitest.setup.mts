import { format } from 'node:util';

// Libraries return, throw or call back; apps write to the streams they were given.
for (const method of ['debug', 'info', 'log', 'warn', 'error'] as const) {
  console[method] = (...args: unknown[]): never => {
    throw new Error(`stray console.${method}: ${format(...args)}`);
  };
}
