import type { CommandContext as AnyCommandContext } from '@sluice/command-line';

import type { Config } from './config.ts';

/** What a command of this app runs in. */
export type CommandContext = AnyCommandContext<Config>;
