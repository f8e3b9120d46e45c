import type { Limit, State } from './panel-text.ts';

/** Of what is 1 where it is as it should be. */
export function eitherWay(well: string, badly: string): readonly State[] {
  return [
    { value: 0, word: badly, level: 'critical' },
    { value: 1, word: well, level: 'good' },
  ];
}

/** Of what should be 0. */
export function noneOr(means: string): readonly Limit[] {
  return [{ from: 1, level: 'critical', means }];
}

/** Of what may wait, but should not stay. */
export function someWait(means: string): readonly Limit[] {
  return [{ from: 1, level: 'warning', means }];
}

/** Of ratios that should be 1: the lowest is as bad as no limit at all says. */
export const complete: readonly Limit[] = [
  { from: 0.95, level: 'warning', means: 'some is missing; less is worse' },
  { from: 0.99, level: 'good', means: 'as it should be' },
];
