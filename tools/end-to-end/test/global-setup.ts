import type { TestServer } from '@sluice/warehouse/postgres-testing';

/** One Postgres for the whole run of the tests, each of which has a database of its own. */
export { provideTestServer as setup } from '@sluice/warehouse/postgres-testing';

declare module 'vitest' {
  interface ProvidedContext {
    server: TestServer;
  }
}
