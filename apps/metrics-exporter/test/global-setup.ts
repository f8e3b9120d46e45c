import { startTestServer } from '@sluice/warehouse/postgres-testing';
import type { TestServer } from '@sluice/warehouse/postgres-testing';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    server: TestServer;
  }
}

/** One Postgres for the whole run of the tests, each of which has a database of its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { server, stop } = await startTestServer();
  project.provide('server', server);
  return stop;
}
