import type { BusinessDay } from './business-day.ts';
import { shareOf } from './cell-value.ts';
import { isContentFault, transientFaults } from './fault.ts';
import type { Fault, FaultKind } from './fault.ts';

/** Which requests have a fault by chance. */
export interface RandomFaults {
  /** The part of all requests, 0 to 1. */
  readonly rate: number;
  /** @default `transientFaults` */
  readonly kinds?: readonly FaultKind[] | undefined;
  /** As in `Fault`, for every random fault. */
  readonly seconds?: number | undefined;
  readonly intervalMs?: number | undefined;
  readonly sizeBytes?: number | undefined;
}

/** What a fault is chosen by. */
export interface FaultTarget {
  readonly path: string;
  readonly url: string;
  readonly dataset: string | undefined;
  readonly businessDay: BusinessDay | undefined;
  /** The request would get rows, or no rows, with 200. */
  readonly hasAnswer: boolean;
}

/** Decides which request has which fault. */
export interface FaultPlan {
  add: (fault: Fault) => void;
  clear: () => void;
  setRandom: (random: RandomFaults) => void;
  /** The fault of a request; a scripted one is used up by this. */
  take: (target: FaultTarget) => Fault | undefined;
  /** How many scripted faults have requests left to harm. */
  pending: () => number;
}

interface PlannedFault {
  readonly fault: Fault;
  skipsLeft: number;
  timesLeft: number;
}

/**
 * Scripted faults go first, in the order in which they were added; a random one is decided by the seed, the
 * URL and how often it was asked for, so that the order in which several clients ask changes nothing.
 */
export function createFaultPlan(seed: number): FaultPlan {
  let planned: PlannedFault[] = [];
  let random: RandomFaults = { rate: 0 };
  const askedFor = new Map<string, number>();

  const takeScripted = (target: FaultTarget): Fault | undefined => {
    for (const entry of planned) {
      if (!matches(entry.fault, target)) continue;
      if (entry.skipsLeft > 0) {
        entry.skipsLeft -= 1;
        continue;
      }
      entry.timesLeft -= 1;
      if (entry.timesLeft <= 0) planned = planned.filter((other) => other !== entry);
      return entry.fault;
    }
    return undefined;
  };

  const takeRandom = ({ url, hasAnswer }: FaultTarget): Fault | undefined => {
    const { rate, kinds = transientFaults, ...parameters } = random;
    const time = (askedFor.get(url) ?? 0) + 1;
    askedFor.set(url, time);
    if (rate <= 0 || shareOf(seed, 'fault', url, time) >= rate) return undefined;
    const kind = kinds[Math.floor(shareOf(seed, 'faultKind', url, time) * kinds.length)];
    if (kind === undefined || (isContentFault(kind) && !hasAnswer)) return undefined;
    return { kind, ...parameters };
  };

  return {
    add: (fault) => {
      const { times = 1, after = 0 } = fault;
      planned.push({ fault, skipsLeft: after, timesLeft: times });
    },
    clear: () => {
      planned = [];
    },
    setRandom: (next) => {
      if (!(next.rate >= 0 && next.rate <= 1)) {
        throw new RangeError(`fault rate: expected 0 to 1, received ${next.rate}`);
      }
      random = next;
    },
    take: (target) => takeScripted(target) ?? takeRandom(target),
    pending: () => planned.length,
  };
}

function matches(fault: Fault, target: FaultTarget): boolean {
  return (
    (fault.dataset === undefined || fault.dataset === target.dataset) &&
    (fault.businessDay === undefined || fault.businessDay === target.businessDay) &&
    (fault.pathPrefix === undefined || target.path.startsWith(fault.pathPrefix)) &&
    (target.hasAnswer || !isContentFault(fault.kind))
  );
}
