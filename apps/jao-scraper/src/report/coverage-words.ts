import type { CoverageState } from '@sluice/schemas/jao';

/** What a state is called, and means, on a page. */
export const coverageWords: Readonly<
  Record<CoverageState, { readonly label: string; readonly meaning: string }>
> = {
  present: { label: 'present', meaning: 'there is a value' },
  not_expected: { label: 'not expected', meaning: 'the dataset has no such cell' },
  withdrawn: { label: 'withdrawn', meaning: 'it was there, and the source took it back' },
  unavailable: {
    label: 'unavailable',
    meaning: 'the source says that there is none, or gave null',
  },
  quarantined: { label: 'quarantined', meaning: 'what came breaks the contract, and is held back' },
  not_due: { label: 'not due', meaning: 'it is still to come' },
  late: { label: 'late', meaning: 'it is due, and within the grace' },
  not_collected: {
    label: 'not collected',
    meaning: 'nobody asked, with success, after it was due',
  },
  not_provided: {
    label: 'not provided',
    meaning: 'the source was asked after it was due, and had none',
  },
};

/** From the worst on: what a day is that has cells in several states. */
export const worstFirst: readonly CoverageState[] = [
  'not_collected',
  'not_provided',
  'quarantined',
  'late',
  'withdrawn',
  'unavailable',
  'not_due',
  'not_expected',
  'present',
];

/** States that ask for no explanation. */
export const quietStates: ReadonlySet<CoverageState> = new Set([
  'present',
  'not_expected',
  'not_due',
]);
