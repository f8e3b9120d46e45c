import { formatOption, formats } from '@sluice/command-line/program';
import type { Action } from '@sluice/command-line/program';
import type { Command } from 'commander';

import type { Config } from './config.ts';
import { withDatabase } from './setting-options.ts';

/** The examples of the commands about events, by command. */
export const outboxExamples: Readonly<Record<string, readonly string[]>> = {
  outbox: ['outbox list', 'outbox replay --all'],
  'outbox list': ['outbox list', 'outbox list --state all --dataset core/maxExchanges'],
  'outbox show': ['outbox show 17', 'outbox show 17 --format json'],
  'outbox deliver': ['outbox deliver --webhook-url https://example.org/events'],
  'outbox replay': ['outbox replay 17 18', 'outbox replay --all'],
  'outbox discard': ['outbox discard 17', 'outbox discard --all'],
  'outbox off': ['outbox off'],
};

/** Defines `outbox` and what is below it. */
export function defineOutboxCommands(program: Command, action: Action<Config>): void {
  const outbox = program
    .command('outbox')
    .description('events on their way to the webhook: list, deliver, replay');
  withDatabase(outbox.command('list').description('events that are not delivered, or all'))
    .option(
      '--state <state...>',
      'pending, dead, delivered, discarded or all (default: pending dead)',
    )
    .option('--dataset <region/name...>', 'only of these (default: all)')
    .addOption(formatOption(formats))
    .action(action(async () => (await import('./outbox/list-command.ts')).outboxListCommand));
  withDatabase(
    outbox
      .command('show')
      .argument('<id>', 'as outbox list has it, or as receivers know it')
      .description('one event: what became of it, and what is sent'),
  )
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./outbox/show-command.ts')).outboxShowCommand));
  withDatabase(
    outbox
      .command('deliver')
      .description('send all pending events now, each once at most, and end'),
  )
    .option('--webhook-url <url>', 'deliver them there, signed')
    .addOption(formatOption(['table', 'json']))
    .action(action(async () => (await import('./outbox/deliver-command.ts')).outboxDeliverCommand));
  withChoice(outbox.command('replay').description('have events delivered again, with their ids'))
    .option('--all', 'instead of ids: all dead events')
    .action(action(async () => (await import('./outbox/settle-commands.ts')).outboxReplayCommand));
  withChoice(outbox.command('discard').description('give events up, for good'))
    .option('--all', 'instead of ids: all dead and pending events')
    .action(action(async () => (await import('./outbox/settle-commands.ts')).outboxDiscardCommand));
  withDatabase(
    outbox
      .command('off')
      .description('write no more events, until a watch comes that delivers them'),
  ).action(action(async () => (await import('./outbox/settle-commands.ts')).outboxOffCommand));
}

function withChoice(command: Command): Command {
  return withDatabase(command.argument('[id...]', 'events, as outbox list has them')).addOption(
    formatOption(['table', 'json']),
  );
}
