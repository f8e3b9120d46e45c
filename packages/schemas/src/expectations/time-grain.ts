/** Lengths of time that a time stamp can be cut to, in UTC; a week begins on Monday. */
export const timeGrains = ['hour', 'day', 'week', 'month'] as const;

/** A member of {@link timeGrains}. */
export type TimeGrain = (typeof timeGrains)[number];
