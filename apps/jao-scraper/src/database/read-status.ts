import type { DatabaseStatus } from '@sluice/schemas/jao';
import {
  compareSchema,
  findMissingRoles,
  isTemporaryReserved,
  missingRolesSql,
  PostgresError,
  readOrigins,
  roleNames,
} from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { migrations } from './open-database.ts';

const boundsPattern = /FROM \('([^']+)'\) TO \('([^']+)'\)/;

/** The pace of this configuration, and what it asks. */
export interface ConfiguredPace {
  readonly baseUrl: string;
  /** 0 is no limit. */
  readonly requestsPerMinute: number;
}

/** What there is to know of a database, as far as the connected user may see it. */
export async function readStatus(
  db: PostgresDatabase,
  pace: ConfiguredPace,
): Promise<DatabaseStatus> {
  const server = await readServer(db);
  const missing = await findMissingRoles(db);
  const schema = await readSchema(db);
  const hasOps = schema?.some(({ component, applied }) => component === 'ops' && applied > 0);
  return {
    database: db.label,
    user: server.user,
    isEmbedded: db.isEmbedded,
    serverVersion: server.serverVersion,
    sizeBytes: server.sizeBytes,
    timescaleDb: server.timescaleDb,
    isTimescaleDbAvailable: server.isTimescaleDbAvailable,
    storage: server.storage,
    schema,
    roles: Object.values(roleNames).map((name) => ({ name, isPresent: !missing.includes(name) })),
    missingRolesSql:
      missing.length === 0 && (await isTemporaryReserved(db))
        ? null
        : missingRolesSql({
            roles: missing,
            database: server.name,
            user: missing.includes(roleNames.owner) ? server.user : undefined,
          }),
    origins: hasOps === true ? await readPaces(db, pace) : null,
    partitions: await readPartitions(db),
  };
}

const serverSchema = z.object({
  user: z.string(),
  name: z.string(),
  serverVersion: z.string(),
  sizeBytes: z.int(),
  timescaleDb: z.string().nullable(),
  isTimescaleDbAvailable: z.boolean(),
  storage: z.enum(['partitions', 'hypertable']).nullable(),
});

async function readServer(db: PostgresDatabase): Promise<z.infer<typeof serverSchema>> {
  return db.row(
    serverSchema,
    `select current_user as "user", current_database() as name,
       current_setting('server_version') as "serverVersion",
       pg_database_size(current_database()) as "sizeBytes",
       (select extversion from pg_catalog.pg_extension where extname = 'timescaledb') as "timescaleDb",
       exists (select from pg_catalog.pg_available_extensions where name = 'timescaledb')
         as "isTimescaleDbAvailable",
       (select case relkind when 'p' then 'partitions' else 'hypertable' end
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'jao' and c.relname = 'observation') as storage`,
  );
}

async function readSchema(db: PostgresDatabase): Promise<DatabaseStatus['schema']> {
  return unlessDenied(async () => {
    const states = await compareSchema(db, migrations);
    return states.map(({ component, applied, newest, pending, isGranted }) => ({
      component,
      applied,
      newest,
      pending: [...pending],
      isGranted,
    }));
  });
}

async function readPaces(
  db: PostgresDatabase,
  { baseUrl, requestsPerMinute }: ConfiguredPace,
): Promise<DatabaseStatus['origins']> {
  return unlessDenied(async () => {
    const origins = await readOrigins(db);
    return origins.map(({ origin, requests, pause, pausedBy }) => ({
      origin,
      requestsPerMinute: origin === baseUrl ? requestsPerMinute : null,
      requests,
      pausedUntil: pause === undefined ? null : new Date(pause.untilMs).toISOString(),
      pausedBy: pausedBy ?? null,
    }));
  });
}

/** Null where the connected user may not see it. */
async function unlessDenied<Result>(read: () => Promise<Result>): Promise<Result | null> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof PostgresError && cause.code === 'DENIED') {
      return null;
    }
    throw cause;
  }
}

async function readPartitions(db: PostgresDatabase): Promise<DatabaseStatus['partitions']> {
  const rows = await db.rows(
    z.object({
      name: z.string(),
      bounds: z.string(),
      rows: z.number(),
      sizeBytes: z.int(),
    }),
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds, c.reltuples as rows,
       pg_total_relation_size(c.oid) as "sizeBytes"
     from pg_catalog.pg_class p
     join pg_catalog.pg_namespace n on n.oid = p.relnamespace
     join pg_catalog.pg_inherits i on i.inhparent = p.oid
     join pg_catalog.pg_class c on c.oid = i.inhrelid
     where n.nspname = 'jao' and p.relname = 'observation' and c.relispartition
     order by c.relname`,
  );
  return rows.map(({ name, bounds, rows: estimate, sizeBytes }) => {
    const [, from = '', to = ''] = boundsPattern.exec(bounds) ?? [];
    return {
      name,
      from: isoOf(from),
      to: isoOf(to),
      // -1 is what was never counted.
      rows: estimate < 0 ? null : Math.round(estimate),
      sizeBytes,
    };
  });
}

/** Of a time stamp as Postgres writes it in the zone UTC, which all our sessions have. */
function isoOf(text: string): string {
  return new Date(`${text.replace(' ', 'T').replace(/\+00$/, '')}Z`).toISOString();
}
