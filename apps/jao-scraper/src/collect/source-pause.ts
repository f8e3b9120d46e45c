import type { OriginPause } from '@sluice/warehouse/postgres';

/** Several requests that are out at once are told to wait for much the same time: that is one pause. */
const worthTellingMs = 60_000;

type OnNotice = (notice: string, details: Readonly<Record<string, unknown>>) => void;

/** A pause that is on; `began` and `ends` by `performance.now()`, the rest in UTC epoch milliseconds. */
interface CurrentPause {
  readonly beganMs: number;
  readonly endsMs: number;
  readonly toldUntilMs: number;
}

/** What a pause of a source is told to. */
export interface SourcePauseOptions {
  readonly origin: string;
  readonly onNotice: OnNotice;
  /** Told until when, in UTC epoch milliseconds, each time that it is another time. */
  readonly onPause: (untilMs: number) => void;
}

/**
 * Tells once that the source wants to be left alone and until when, and once that it may be asked
 * again, however many requests of a run wait for it; and how long that was in all.
 */
export class SourcePause {
  readonly #options: SourcePauseOptions;
  #current: CurrentPause | undefined;
  #pastMs = 0;

  constructor(options: SourcePauseOptions) {
    this.#options = options;
  }

  /** For how many milliseconds of the run so far the source wanted to be left alone. */
  get totalMs(): number {
    return this.#pastMs + (this.#current === undefined ? 0 : lengthOf(this.#current));
  }

  /** The source is not to be asked before a time. */
  notePause({ untilMs, remainingMs }: OriginPause): void {
    const nowMs = performance.now();
    const endsMs = nowMs + remainingMs;
    if (this.#current !== undefined && this.#current.endsMs <= nowMs) {
      this.#end(this.#current);
    }
    const { beganMs = nowMs, toldUntilMs = Number.NEGATIVE_INFINITY } = this.#current ?? {};
    const isWorthTelling = untilMs - toldUntilMs >= worthTellingMs;
    this.#current = {
      beganMs,
      endsMs: Math.max(endsMs, this.#current?.endsMs ?? endsMs),
      toldUntilMs: isWorthTelling ? untilMs : toldUntilMs,
    };
    this.#options.onPause(untilMs);
    if (isWorthTelling) {
      this.#options.onNotice('the source wants to be left alone', {
        origin: this.#options.origin,
        until: new Date(untilMs).toISOString(),
        seconds: Math.ceil(remainingMs / 1_000),
      });
    }
  }

  /** A request may go out; `askedMs` is when leave was asked for, by `performance.now()`. */
  noteLeave(askedMs: number): void {
    // Leave that was asked for before the pause began is late news.
    if (this.#current !== undefined && askedMs > this.#current.beganMs) {
      this.#end(this.#current);
    }
  }

  #end(pause: CurrentPause): void {
    const pausedMs = lengthOf(pause);
    this.#pastMs += pausedMs;
    this.#current = undefined;
    this.#options.onNotice('the source may be asked again', {
      origin: this.#options.origin,
      pausedMs: Math.ceil(pausedMs),
    });
  }
}

/** In milliseconds, up to now where it is still on: whoever needs no leave does not see its end. */
function lengthOf({ beganMs, endsMs }: CurrentPause): number {
  return Math.max(0, Math.min(performance.now(), endsMs) - beganMs);
}
