export { compressVotes } from './compress-votes.ts';
export { expectedTotals } from './expected-totals.ts';
export type { VotesTotals } from './expected-totals.ts';
export { generateVotes } from './generate-votes.ts';
export type { RowOrder, ValueKind, VotesFormat, VotesOptions } from './votes-options.ts';
