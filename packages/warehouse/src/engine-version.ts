import { version } from '@duckdb/node-api';

/** The version of the DuckDB engine that this process runs, as the engine writes it: `v1.5.6`. */
export function engineVersion(): string {
  return version();
}
