import { html } from './html.ts';
import type { Html } from './html.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const counts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const measures = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

/** A count with thousands apart: `102,096`. */
export function formatCount(count: number | bigint): string {
  return counts.format(count);
}

/** A count with its unit: `1 run`, `2 runs`. */
export function formatCountOf(count: number, one: string, several = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : several}`;
}

/** A measured value, with six digits at most. */
export function formatMeasure(value: number): string {
  return measures.format(value);
}

/**
 * A share as a percentage, `99.8 %`: never rounded to 100 while anything is missing, nor to 0 while
 * anything is there. Null where there is nothing to be a share of.
 */
export function formatShare(part: number, whole: number): string | null {
  if (whole === 0) {
    return null;
  }
  const tenths = (1_000 * part) / whole;
  const rounded =
    part === whole ? 1_000 : part === 0 ? 0 : Math.min(Math.max(Math.round(tenths), 1), 999);
  return `${(rounded / 10).toFixed(rounded % 1_000 === 0 ? 0 : 1)} %`;
}

/** A duration in its own unit: `120 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) {
    return `${Math.round(durationMs)} ms`;
  }
  if (durationMs < minuteMs) {
    return `${(durationMs / 1_000).toFixed(1)} s`;
  }
  const [large, small, smallMs, largeMs] =
    durationMs < hourMs
      ? (['min', 's', 1_000, minuteMs] as const)
      : durationMs < 2 * dayMs
        ? (['h', 'min', minuteMs, hourMs] as const)
        : (['d', 'h', hourMs, dayMs] as const);
  const inSmall = Math.round(durationMs / smallMs);
  const perLarge = largeMs / smallMs;
  const rest = inSmall % perLarge;
  return `${Math.floor(inSmall / perLarge)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** An instant to the second, in UTC: `2026-03-15 09:00:00 UTC`. */
export function formatInstant(instant: Date): string {
  return `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The same to the minute, as a `time` element that programs can read. */
export function timeElement(instant: Date): Html {
  const text = `${instant.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return html`<time datetime="${instant.toISOString()}">${text}</time>`;
}
