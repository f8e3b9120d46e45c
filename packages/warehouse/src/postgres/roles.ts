import { z } from 'zod';

import { quoteIdentifier, quoteLiteral } from '../sql-text.ts';
import { createPassword } from './embedded/passwords.ts';
import type { Passwords } from './embedded/passwords.ts';
import { PostgresError } from './errors.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import type { PostgresTransaction, Queryable } from './postgres-transaction.ts';
import { scramVerifierOf } from './scram-verifier.ts';

/** The roles of a cluster that the parts of Sluice act in, or that logins are members of. */
export const roleNames = {
  owner: 'sluice_owner',
  worker: 'sluice_worker',
  reader: 'sluice_reader',
  metrics: 'sluice_metrics',
} as const;

/**
 * How many connections the role of readers has, and how many each login that is granted: Postgres
 * counts by login, so that what all traders may take together is this times their number. A few each
 * are enough for notebooks, and twenty traders still leave some of a hundred.
 */
const readerConnections = 8;
const grantedConnections = 4;
const readerTimeout = '30s';
const metricsConnections = 10;
const metricsTimeout = '10s';
const readerNamePattern = /^[a-z_][a-z0-9_-]*$/;
/** Postgres cuts what is longer. */
const maxNameBytes = 63;

/**
 * What each session of a role begins with, by the role. A user can change the settings by SET; what
 * keeps a reader from writing are the grants.
 */
const attributes: ReadonlyMap<string, readonly string[]> = new Map([
  [
    roleNames.reader,
    [
      `alter role ${roleNames.reader} connection limit ${String(readerConnections)}`,
      ...readerDefaults(roleNames.reader),
    ],
  ],
  [
    roleNames.metrics,
    [
      `alter role ${roleNames.metrics} connection limit ${String(metricsConnections)}`,
      `alter role ${roleNames.metrics} set default_transaction_read_only = on`,
      `alter role ${roleNames.metrics} set statement_timeout = '${metricsTimeout}'`,
      `alter role ${roleNames.metrics} set jit = off`,
    ],
  ],
]);

function readerDefaults(name: string): string[] {
  const role = quoteIdentifier(name);
  return [
    `alter role ${role} set default_transaction_read_only = on`,
    `alter role ${role} set statement_timeout = '${readerTimeout}'`,
    `alter role ${role} set idle_in_transaction_session_timeout = '60s'`,
    `alter role ${role} set jit = off`,
  ];
}

/** The roles that a cluster lacks. */
export async function findMissingRoles(db: Queryable): Promise<string[]> {
  const found = await db.rows(
    z.object({ rolname: z.string() }),
    'select rolname from pg_catalog.pg_roles where rolname = any($1::text[])',
    [Object.values(roleNames)],
  );
  const names = new Set(found.map(({ rolname }) => rolname));
  return Object.values(roleNames).filter((name) => !names.has(name));
}

/** What somebody who may create roles is to run. */
export interface MissingRights {
  readonly roles: readonly string[];
  readonly database: string;
  /** Who is to own the tables; undefined where that is settled. */
  readonly user: string | undefined;
}

/**
 * What somebody who may create roles has to run where we may not: as text, for psql. It may be run
 * again and by several at once.
 */
export function missingRolesSql({ roles, database, user }: MissingRights): string {
  return [
    ...roles.map((name) => `${createRoleSql(name, 'nologin')};`),
    ...attributesOf(roles).map((sql) => `${sql};`),
    ...(user === undefined ? [] : [`grant ${roleNames.owner} to ${quoteIdentifier(user)};`]),
    `grant create, connect on database ${quoteIdentifier(database)} to ${roleNames.owner};`,
    ...reserveTemporarySql(database).map((sql) => `${sql};`),
  ].join('\n');
}

/**
 * Creates the roles that are missing, and sees to it that readers can make no temporary tables. Roles
 * belong to the whole cluster, so that another database's migration may create them at the same moment.
 *
 * @throws {PostgresError} `DENIED` where the connected user may not, with the SQL to run.
 */
export async function ensureRoles(db: PostgresDatabase): Promise<void> {
  const missing = await findMissingRoles(db);
  try {
    for (const name of missing) {
      await db.run(createRoleSql(name, 'nologin'));
    }
    for (const sql of attributesOf(missing)) {
      await surviveRaces(() => db.run(sql));
    }
    if (missing.length > 0) {
      await surviveRaces(() => db.run(`grant ${roleNames.owner} to current_user`));
    }
  } catch (cause) {
    if (!(cause instanceof PostgresError && cause.code === 'DENIED')) {
      throw cause;
    }
    const { database, user } = await db.row(
      z.object({ database: z.string(), user: z.string() }),
      'select current_database() as database, current_user as "user"',
    );
    throw new PostgresError(
      'DENIED',
      `${db.label}: the roles ${missing.join(', ')} are missing, and this user may not create them; ` +
        `have an administrator run:\n${missingRolesSql({ roles: missing, database, user })}`,
      { cause, sqlState: cause.sqlState },
    );
  }
  await reserveTemporary(db);
}

/**
 * Leaves the right to make temporary tables in the connected database to the owner of the tables, whose
 * functions need it: in each new database everybody has it, and no role can be denied alone. Gives
 * whether it is so now: only who owns the database may see to it.
 */
export async function reserveTemporary(db: PostgresDatabase): Promise<boolean> {
  if (await isTemporaryReserved(db)) {
    return true;
  }
  const { database, isOwner } = await db.row(
    z.object({ database: z.string(), isOwner: z.boolean() }),
    `select datname as database, pg_has_role(datdba, 'member') as "isOwner"
     from pg_catalog.pg_database where datname = current_database()`,
  );
  if (!isOwner) {
    return false;
  }
  for (const sql of reserveTemporarySql(database)) {
    await surviveRaces(() => db.run(sql));
  }
  return true;
}

/** Whether the owner of the tables may make temporary tables in the connected database, and not everybody. */
export async function isTemporaryReserved(db: Queryable): Promise<boolean> {
  const { isReserved } = await db.row(
    z.object({ isReserved: z.boolean() }),
    `select not has_database_privilege('public', current_database(), 'temporary') and exists (
       select from pg_catalog.pg_roles
       where rolname = $1 and has_database_privilege(oid, current_database(), 'temporary')
     ) as "isReserved"`,
    [roleNames.owner],
  );
  return isReserved;
}

/** See {@link reserveTemporary}. */
export function reserveTemporarySql(database: string): readonly string[] {
  const name = quoteIdentifier(database);
  return [
    `revoke temporary on database ${name} from public`,
    `grant temporary on database ${name} to ${roleNames.owner}`,
  ];
}

/** Creates the roles of an embedded cluster, each with its password, or sets it again. */
export function embeddedRolesSql(passwords: Passwords): string[] {
  const logins = Object.entries(roleNames).flatMap(([part, name]) => {
    const password = partPassword(passwords, part);
    return [
      createRoleSql(name, 'login'),
      `alter role ${name} login password ${quoteLiteral(scramVerifierOf(password))}`,
    ];
  });
  return [
    ...logins,
    `alter role ${roleNames.owner} createrole`,
    `grant ${roleNames.reader}, ${roleNames.worker}, ${roleNames.metrics} ` +
      `to ${roleNames.owner} with admin option`,
    ...[...attributes.values()].flat(),
  ];
}

/** A login for a person, and what to connect with. */
export interface ReaderLogin {
  readonly name: string;
  readonly password: string;
}

/**
 * Creates a login that may read what traders see, or gives an existing one a new password. The
 * password is made up here, shown once, and kept nowhere.
 *
 * @throws {PostgresError} `CONFIGURATION` for a name that is none, or that is taken by a role that is
 * no reader; `DENIED`.
 */
export async function grantReader(db: PostgresDatabase, name: string): Promise<ReaderLogin> {
  const nameBytes = Buffer.byteLength(name);
  if (nameBytes > maxNameBytes) {
    throw new PostgresError(
      'CONFIGURATION',
      `grant: the name has ${nameBytes} bytes, and Postgres takes ${maxNameBytes} at most; choose a shorter one`,
    );
  }
  if (!readerNamePattern.test(name) || /^(?:pg_|sluice_|postgres$)/.test(name)) {
    throw new PostgresError(
      'CONFIGURATION',
      `grant: ${JSON.stringify(name)} can be no reader's name; it takes a-z, 0-9, _ and -, begins ` +
        'with a letter, not with pg_ or sluice_, and is not postgres',
    );
  }
  await refuseForeignRole(db, name);
  const password = createPassword();
  const role = quoteIdentifier(name);
  // At once, so that whoever grants to the same name meanwhile finds no role that is no reader yet.
  const makeReader = async (tx: PostgresTransaction): Promise<void> => {
    await tx.run(createRoleSql(name, 'login'));
    await tx.run(
      `alter role ${role} login connection limit ${String(grantedConnections)} ` +
        `password ${quoteLiteral(scramVerifierOf(password))}`,
    );
    await tx.run(`grant ${roleNames.reader} to ${role}`);
    // The settings of a role are not inherited by its members.
    for (const sql of readerDefaults(name)) {
      await tx.run(sql);
    }
  };
  await surviveRaces(() => db.transaction(makeReader));
  return { name, password };
}

/** The password of somebody else's role is not ours to change. */
async function refuseForeignRole(db: PostgresDatabase, name: string): Promise<void> {
  const foreign = await db.rows(
    z.object({ rolname: z.string() }),
    `select r.rolname from pg_catalog.pg_roles r
      where r.rolname = $1
        and not exists (select from pg_catalog.pg_auth_members m
                          join pg_catalog.pg_roles g on g.oid = m.roleid
                         where m.member = r.oid and g.rolname = $2)`,
    [name, roleNames.reader],
  );
  if (foreign.length > 0) {
    throw new PostgresError(
      'CONFIGURATION',
      `grant: the role ${name} exists, and is no reader; choose another name`,
    );
  }
}

/** `create role if not exists`, which Postgres lacks. */
function createRoleSql(name: string, login: 'login' | 'nologin'): string {
  return (
    `do $role$ begin create role ${quoteIdentifier(name)} ${login}; ` +
    'exception when duplicate_object or unique_violation then null; end $role$'
  );
}

function attributesOf(names: readonly string[]): string[] {
  return names.flatMap((name) => attributes.get(name) ?? []);
}

function partPassword(passwords: Passwords, part: string): string {
  return new Map<string, string>(Object.entries(passwords)).get(part) ?? passwords.superuser;
}

const raceAttempts = 20;

/** Catalogue rows are not locked by ALTER ROLE: of two at once, one is told "concurrently updated". */
async function surviveRaces(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (cause) {
      // XX000, which stands for anything: that is all that Postgres says.
      const isRace =
        cause instanceof PostgresError &&
        (cause.sqlState === 'XX000' || cause.sqlState === '23505' || cause.retryable);
      if (!isRace || attempt >= raceAttempts) {
        throw cause;
      }
    }
  }
}
