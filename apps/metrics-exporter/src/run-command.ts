import { runCommand } from '@sluice/command-line';
import type { CommandCall } from '@sluice/command-line';
import type { ExitCode } from '@sluice/schemas';

import { classifyError } from './classify-error.ts';
import { configSource } from './config.ts';
import type { Config } from './config.ts';

/** Runs the exporter, and gives what the process exits with. */
export function runExporter(call: CommandCall<Config>): Promise<ExitCode> {
  return runCommand({ name: 'metrics-exporter', config: configSource, classifyError }, call);
}
