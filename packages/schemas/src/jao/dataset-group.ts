import type {
  BusinessDay,
  DatasetContract,
  DatedStep,
  FactOrigin,
  PublicationCalendar,
} from './dataset-contract.ts';

/** A fact with where it comes from. */
export interface Sourced<T> {
  readonly is: T;
  readonly origin: FactOrigin;
}

/** Datasets of one region that share everything but name and description. */
export interface DatasetGroup {
  readonly region: string;
  readonly unit: Sourced<string>;
  readonly unitOverrides?: DatasetContract['unitOverrides'];
  readonly steps: Sourced<readonly DatedStep[]>;
  readonly publication: Sourced<PublicationCalendar>;
  readonly firstBusinessDay: Sourced<BusinessDay>;
  readonly keyPattern: RegExp;
  readonly otherFields?: readonly string[];
  /** Dataset to description. */
  readonly datasets: Readonly<Record<string, string>>;
}

/**
 * Rises when an answer could now be read as something else: then stored payloads are parsed again
 * although their bytes are known.
 */
const contractVersion = '1';

/** Told for the Core region; assumed to hold for the others, which share the service. */
const zone = 'Europe/Amsterdam';

/** Marks a fact with its origin. */
export function sourced<T>(origin: FactOrigin, is: T): Sourced<T> {
  return { is, origin };
}

/** The contracts that a group stands for, in its order. */
export function expandGroup(group: DatasetGroup): DatasetContract[] {
  return Object.entries(group.datasets).map(([dataset, description]) => ({
    name: `${group.region}/${dataset}`,
    region: group.region,
    dataset,
    path: `/${group.region}/api/data/${dataset}`,
    unit: group.unit.is,
    unitOverrides: group.unitOverrides ?? [],
    description,
    zone,
    steps: group.steps.is,
    stepIsAssumed: group.steps.origin === 'assumed',
    publication: group.publication.is,
    firstBusinessDay: group.firstBusinessDay.is,
    keyPattern: group.keyPattern,
    otherFields: group.otherFields ?? [],
    origins: {
      steps: group.steps.origin,
      publication: group.publication.origin,
      firstBusinessDay: group.firstBusinessDay.origin,
      unit: group.unit.origin,
    },
    contractVersion,
  }));
}
