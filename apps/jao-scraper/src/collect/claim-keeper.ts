import { beatRun, renewClaims } from '@sluice/warehouse/postgres';
import type { Claim } from '@sluice/warehouse/postgres';

import type { RunContext } from './collect-context.ts';

/** A claim whose holder has not said for so long that it lives may be taken over. */
export const claimTtlMs = 60_000;
/** A run that has not said for so long that it lives is taken for dead. */
export const heartbeatTtlMs = 120_000;
const renewEveryMs = 15_000;

/** The claims that a process holds, renewed as long as it lives. */
export interface ClaimKeeper {
  readonly add: (claims: readonly Claim[]) => void;
  readonly remove: (claim: Claim) => void;
  readonly stop: () => Promise<void>;
}

/** Renews claims, and says that the run lives and what it has done, until it is stopped. */
export function keepClaims({
  db,
  runId,
  totals,
  onNotice,
}: Pick<RunContext, 'db' | 'runId' | 'totals' | 'onNotice'>): ClaimKeeper {
  const held = new Set<Claim>();
  const renew = async (): Promise<void> => {
    try {
      await beatRun(db, { runId, totals: totals.value });
      await renewClaims(db, [...held], claimTtlMs);
    } catch (error) {
      // Whoever writes with a claim that was lost is told so there.
      onNotice('claims could not be renewed', { error: String(error) });
    }
  };
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(renew);
  }, renewEveryMs);
  return {
    add: (claims) => {
      for (const claim of claims) {
        held.add(claim);
      }
    },
    remove: (claim) => {
      held.delete(claim);
    },
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
