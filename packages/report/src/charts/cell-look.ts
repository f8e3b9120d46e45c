import type { CellStyle } from '../report-document.ts';

/** How a state looks: its colour is the page's `--state-<name>`, its mark a character beside it. */
interface CellLook {
  readonly color: string;
  /** What tells it without colours; the usual state has none, so that the others stand out. */
  readonly mark: string;
}

const marks: Readonly<Record<CellStyle, string>> = {
  present: '',
  not_expected: '/',
  withdrawn: '←',
  unavailable: '–',
  quarantined: '!',
  not_due: '·',
  late: '…',
  not_collected: '×',
  not_provided: '○',
};

/** How a cell in this state looks, in the calendar and in its legend. */
export function cellLook(style: CellStyle): CellLook {
  return { color: `var(--state-${style.replace('_', '-')})`, mark: marks[style] };
}
