/** A pause between two rounds of a loop. */
export interface Nap {
  /** Waits so long, or until it is ended; not at all where that was done since the last time. */
  readonly begin: (pauseMs: number) => Promise<void>;
  readonly end: () => void;
  /** To be called behind the loop. */
  readonly close: () => void;
}

/**
 * A pause that anybody can end. Its own, as a race of promises would keep something of every round
 * with those that outlive it. A signal that is aborted ends it for good.
 */
export function createNap(signal: AbortSignal): Nap {
  let isEnded = false;
  let wake = (): void => undefined;
  const end = (): void => {
    isEnded = true;
    wake();
  };
  signal.addEventListener('abort', end);
  return {
    begin: async (pauseMs) => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, isEnded || signal.aborted ? 0 : pauseMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      isEnded = false;
    },
    end,
    close: () => {
      signal.removeEventListener('abort', end);
    },
  };
}
