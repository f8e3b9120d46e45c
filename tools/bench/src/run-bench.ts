import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

import type { BenchCase, CaseContext } from './bench-case.ts';
import type { BenchOptions } from './bench-options.ts';
import { measureCase } from './measure-case.ts';
import type { CaseResult } from './measure-case.ts';
import type { FailedCase } from './print-results.ts';

/** What the cases of a benchmark share. */
export interface BenchInputs<Case, Context extends CaseContext> {
  readonly contextOf: (context: CaseContext) => Context;
  /** Makes room: only `cases` are still to come. */
  readonly removeAllBut: (cases: readonly Case[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Runs the cases one after the other in a temporary folder, which is removed at the end unless it is
 * to be kept. A case that fails does not end the others.
 *
 * @throws the signal's reason when it was aborted.
 */
export async function runBench<Case extends BenchCase<Context>, Context extends CaseContext>({
  allCases,
  options: { only, keeps, pairs },
  openInputs,
  messages,
  signal,
}: {
  readonly allCases: readonly Case[];
  readonly options: Omit<BenchOptions<unknown>, 'sizes'>;
  /** Given the temporary folder. */
  readonly openInputs: (folder: string) => Promise<BenchInputs<Case, Context>>;
  /** Takes the progress, in lines. */
  readonly messages: Writable;
  readonly signal: AbortSignal;
}): Promise<(CaseResult | FailedCase)[]> {
  const cases = allCases.filter(({ id }) => only?.includes(id) ?? true);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const say = (text: string): void => {
    messages.write(`bench: ${text}\n`);
  };
  try {
    const inputs = await openInputs(folder);
    try {
      const results: (CaseResult | FailedCase)[] = [];
      for (const [index, benchCase] of cases.entries()) {
        const context = inputs.contextOf({ folder: join(folder, benchCase.id), signal });
        results.push(await measureOrFail({ benchCase, context, pairCount: pairs, keeps, say }));
        await inputs.removeAllBut(cases.slice(index + 1));
      }
      return results;
    } finally {
      await inputs.close();
    }
  } finally {
    if (keeps) say(`kept ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

async function measureOrFail<Context extends CaseContext>({
  say,
  ...options
}: {
  readonly benchCase: BenchCase<Context>;
  readonly context: Context;
  readonly pairCount: number;
  readonly keeps: boolean;
  readonly say: (text: string) => void;
}): Promise<CaseResult | FailedCase> {
  const { id } = options.benchCase;
  say(id);
  try {
    return await measureCase({
      ...options,
      onPair: ({ a, b }) => {
        const ratio = (b.seconds / a.seconds).toFixed(2);
        say(`${id}: A ${a.seconds.toFixed(3)} s, B ${b.seconds.toFixed(3)} s, B / A ${ratio}`);
      },
    });
  } catch (cause) {
    options.context.signal.throwIfAborted();
    const error = cause instanceof Error ? cause.message : String(cause);
    say(`${id} failed: ${error}`);
    return { id, error };
  }
}
