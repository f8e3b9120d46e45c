import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';

const signalExitCodes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const;

/** A signal that asks a command to end. */
export type StopSignal = keyof typeof signalExitCodes;

/** Why a command's signal is aborted. */
export class StopRequest extends Error {
  /** The name that every API gives to what was aborted. */
  override readonly name = 'AbortError';
  readonly exitCode: ExitCode;
  readonly by: StopSignal;

  constructor(by: StopSignal) {
    super(`stopped by ${by}`);
    this.by = by;
    this.exitCode = signalExitCodes[by];
  }
}

/** What a process exits with that was stopped: 130 after SIGINT, and 143 after SIGTERM or anything else. */
export function stopExitCode({ reason }: Pick<AbortSignal, 'reason'>): ExitCode {
  return reason instanceof StopRequest ? reason.exitCode : exitCodes.terminated;
}

/** By which signal of the system a process was stopped; undefined where by none. */
export function stopSignal({ reason }: Pick<AbortSignal, 'reason'>): StopSignal | undefined {
  return reason instanceof StopRequest ? reason.by : undefined;
}
