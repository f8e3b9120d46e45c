import type { Writable } from 'node:stream';

import { redirectCommand } from '@sluice/command-line/program';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { CommanderError } from 'commander';

import type { BenchOptions } from './bench-options.ts';
import { createCommand } from './command.ts';
import { UsageError } from './errors.ts';
import { jaoCases } from './jao/jao-cases.ts';
import { openJaoInputs } from './jao/jao-inputs.ts';
import { parseJaoOptions } from './jao/jao-options.ts';
import { formatJson, formatTable } from './print-results.ts';
import type { FailedCase } from './print-results.ts';
import type { CaseResult } from './measure-case.ts';
import { runBench } from './run-bench.ts';
import { votesCases } from './votes/votes-cases.ts';
import { openVotesInputs } from './votes/votes-inputs.ts';
import { parseVotesOptions } from './votes/votes-options.ts';

/** Runs one command line and returns the exit code, a signal apart. */
export async function run({
  argv,
  stdout,
  stderr,
  signal,
}: {
  /** Without the names of the interpreter and the script. */
  readonly argv: readonly string[];
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
}): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const print = (
    dataset: string,
    results: readonly (CaseResult | FailedCase)[],
    { format, pairs, sizes }: BenchOptions<object>,
  ): void => {
    stdout.write(
      format === 'json'
        ? formatJson(results, { dataset, pairs, sizes: { ...sizes } })
        : formatTable(results, { pairs }),
    );
    if (results.some((result) => 'error' in result)) exitCode = exitCodes.failed;
  };
  const shared = { messages: stderr, signal };
  const votesIds = votesCases.map(({ id }) => id);
  const jaoIds = jaoCases.map(({ id }) => id);
  const command = createCommand({
    votes: {
      caseIds: votesIds,
      run: async (flags) => {
        const options = parseVotesOptions(flags, votesIds);
        const openInputs = (folder: string) =>
          openVotesInputs(folder, { sizes: options.sizes, keeps: options.keeps, signal });
        const results = await runBench({ allCases: votesCases, options, openInputs, ...shared });
        print('votes', results, options);
      },
    },
    jao: {
      caseIds: jaoIds,
      run: async (flags) => {
        const options = parseJaoOptions(flags, jaoIds);
        const openInputs = (folder: string) => openJaoInputs(folder, { sizes: options.sizes });
        const results = await runBench({ allCases: jaoCases, options, openInputs, ...shared });
        print('jao', results, options);
      },
    },
  });
  for (const each of [command, ...command.commands]) {
    redirectCommand(each, { stdout, stderr });
  }
  try {
    await command.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    }
    if (error instanceof UsageError) {
      stderr.write(`${error.message.replaceAll(/^/gm, 'bench: ')}\n`);
      return exitCodes.usage;
    }
    throw error;
  }
}
