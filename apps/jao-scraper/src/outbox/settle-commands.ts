import { CommandError, printJson, printTable, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { outboxStates } from '@sluice/schemas/jao';
import type { OutboxState } from '@sluice/schemas/jao';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from '../database/open-database.ts';
import { isNamedSql, parseEventIds } from './event-ids.ts';
import { switchOutboxOff } from './outbox-switch.ts';

/** The options of `outbox replay` and `outbox discard`. */
export interface OutboxChoiceOptions {
  readonly args: readonly string[];
  readonly all?: boolean;
  readonly format: 'table' | 'json';
}

/**
 * `jao-scraper outbox replay`: has events delivered again, dead ones or whichever are named, from their
 * first try on. They keep their ids: who has had one already knows it.
 */
export async function outboxReplayCommand(
  context: CommandContext,
  options: OutboxChoiceOptions,
): Promise<ExitCode> {
  return change(context, options, {
    state: 'pending',
    allOf: ['dead'],
    namedOf: outboxStates,
    set: `state = 'pending', settled_at = null, tries = 0, waits_since = clock_timestamp(),
      next_try_at = clock_timestamp()`,
  });
}

/** `jao-scraper outbox discard`: gives events up that are not delivered. They stay on record for a while. */
export async function outboxDiscardCommand(
  context: CommandContext,
  options: OutboxChoiceOptions,
): Promise<ExitCode> {
  return change(context, options, {
    state: 'discarded',
    allOf: ['dead', 'pending'],
    namedOf: ['dead', 'pending'],
    set: `state = 'discarded', settled_at = clock_timestamp(), leased_until = null`,
  });
}

/** `jao-scraper outbox off`: nobody writes events any more, until a watch comes that delivers them. */
export async function outboxOffCommand(context: CommandContext): Promise<ExitCode> {
  return withMigratedDatabase(context, { role: 'worker', poolSize: 1 }, async (db) => {
    const wereOn = await switchOutboxOff(db);
    const { pending } = await db.row(
      z.object({ pending: z.number() }),
      `select count(*) as pending from ops.outbox where state = 'pending'`,
    );
    context.output.write(
      wereOn ? 'events are not written any more\n' : 'events were not written\n',
    );
    if (pending > 0) {
      say(context, `${pending} events are pending; outbox discard --all gives them up`);
    }
    return exitCodes.done;
  });
}

interface Change {
  readonly state: OutboxState;
  /** What `--all` stands for. */
  readonly allOf: readonly OutboxState[];
  /** What may be named. */
  readonly namedOf: readonly OutboxState[];
  readonly set: string;
}

async function change(
  context: CommandContext,
  { args, all = false, format }: OutboxChoiceOptions,
  { state, allOf, namedOf, set }: Change,
): Promise<ExitCode> {
  const ids = parseEventIds(args);
  if (all === ids.length > 0) {
    throw new CommandError('name events by their ids, or all of them by --all', {
      exitCode: exitCodes.usage,
    });
  }
  return withMigratedDatabase(context, { role: 'worker', poolSize: 1 }, async (db) => {
    const events = all
      ? await db.run(`update ops.outbox o set ${set} where o.state = any($1::text[])`, [allOf])
      : await changeNamed(db, ids, { namedOf, set });
    if (format === 'json') {
      printJson(context, { events, state });
    } else {
      printTable(context, ['state', 'events'], [[state, events]]);
    }
    return exitCodes.done;
  });
}

/** All of them, or none. */
async function changeNamed(
  db: PostgresDatabase,
  ids: readonly string[],
  { namedOf, set }: Pick<Change, 'namedOf' | 'set'>,
): Promise<number> {
  return db.transaction(async (tx) => {
    const found = await tx.rows(
      z.object({ name: z.string(), id: z.string() }),
      `update ops.outbox o set ${set} where ${isNamedSql} and o.state = any($2::text[])
       returning o.event_id::text as name, o.id`,
      [ids, namedOf],
    );
    const missing = ids.filter(
      (id) => !found.some((event) => event.name === id || event.id === id),
    );
    if (missing.length > 0) {
      throw new CommandError(
        `there is no event ${missing.join(', ')} that is ${namedOf.join(', ')}; nothing was changed; ` +
          'jao-scraper outbox list --state all has those that are kept',
        { exitCode: exitCodes.usage },
      );
    }
    return found.length;
  });
}
