import { Registry } from 'prom-client';

/** The one file that knows where metrics come from. */
export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A registry of its own: prom-client's default one is shared by whatever a process loads. */
export function createRegistry(): Registry {
  return new Registry();
}
