import { localTimeMs } from './business-day.ts';
import type { BusinessDay } from './business-day.ts';
import { hashOf, shareOf } from './cell-value.ts';
import { deliveryStartsOf, publicationDayOf } from './dataset.ts';
import type { SimulatedDataset } from './dataset.ts';
import type { Publication, Revision, RevisionKind } from './publication.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** Versions of scripted publications begin here; random ones have 1 and 2. */
const firstScriptedVersion = 10;

/** What a random revision does. The last publication of some days then is a `return`. */
const randomKinds = ['value', 'null', 'withdraw_key', 'withdraw_row', 'republish'] as const;

/** How often and when days are published. */
export interface CalendarOptions {
  readonly seed: number;
  /** A day is out up to so many minutes after it is due; 0 is exactly then. */
  readonly jitterMinutes: number;
  /** The part of all days, 0 to 1, that are revised hours later. */
  readonly revisionRate: number;
}

/** Knows every publication of every day, past and to come. */
export interface PublicationCalendar {
  /** All publications of a day by time; none when it is never published. */
  publicationsOf: (dataset: SimulatedDataset, day: BusinessDay) => readonly Publication[];
  /** How many of them are out at an instant. */
  countAt: (dataset: SimulatedDataset, day: BusinessDay, instantMs: number) => number;
  addRevision: (
    dataset: SimulatedDataset,
    day: BusinessDay,
    revision: Revision & { readonly atMs: number },
  ) => Publication;
  /** Moves the first publication of a day; `null` takes it away. */
  postpone: (dataset: SimulatedDataset, day: BusinessDay, atMs: number | null) => void;
}

/** When the calendar says that a day is out: 10:30 local time on the day before, for instance. */
export function dueAtMs(dataset: SimulatedDataset, day: BusinessDay): number {
  return localTimeMs(publicationDayOf(day), dataset.dueTime);
}

export function createPublicationCalendar(options: CalendarOptions): PublicationCalendar {
  const cached = new Map<string, readonly Publication[]>();
  const scripted = new Map<string, Publication[]>();
  const postponed = new Map<string, number | null>();

  const publicationsOf: PublicationCalendar['publicationsOf'] = (dataset, day) => {
    const id = `${dataset.name} ${day}`;
    const known = cached.get(id);
    if (known !== undefined) return known;
    const firstAtMs = postponed.has(id)
      ? (postponed.get(id) ?? null)
      : scheduledAtMs(options, dataset, day);
    const publications: readonly Publication[] =
      day < dataset.firstBusinessDay || firstAtMs === null
        ? []
        : [
            {
              dataset: dataset.name,
              businessDay: day,
              kind: 'initial' as const,
              origin: 'calendar' as const,
              atMs: firstAtMs,
              version: 0,
            },
            ...[
              ...randomRevisions({ options, dataset, day, firstAtMs }),
              ...(scripted.get(id) ?? []),
            ].toSorted((one, other) => one.atMs - other.atMs || one.version - other.version),
          ];
    cached.set(id, publications);
    return publications;
  };

  return {
    publicationsOf,
    countAt: (dataset, day, instantMs) => {
      const publications = publicationsOf(dataset, day);
      let count = publications.length;
      while (count > 0 && (publications[count - 1]?.atMs ?? 0) > instantMs) count -= 1;
      return count;
    },
    addRevision: (dataset, day, revision) => {
      const id = `${dataset.name} ${day}`;
      const [initial] = publicationsOf(dataset, day);
      if (initial === undefined || revision.atMs < initial.atMs) {
        throw new RangeError(
          `revise ${id}: not published at ${new Date(revision.atMs).toISOString()}`,
        );
      }
      checkRevision(revision, id);
      const earlier = scripted.get(id) ?? [];
      const publication: Publication = {
        ...revision,
        dataset: dataset.name,
        businessDay: day,
        origin: 'script',
        version: firstScriptedVersion + earlier.length,
      };
      scripted.set(id, [...earlier, publication]);
      cached.delete(id);
      return publication;
    },
    postpone: (dataset, day, atMs) => {
      const id = `${dataset.name} ${day}`;
      postponed.set(id, atMs);
      cached.delete(id);
    },
  };
}

function scheduledAtMs(
  { seed, jitterMinutes }: CalendarOptions,
  dataset: SimulatedDataset,
  day: BusinessDay,
): number {
  const jitterMs = jitterMinutes * minuteMs * shareOf(seed, 'jitter', dataset.name, day);
  return dueAtMs(dataset, day) + Math.floor(jitterMs);
}

function checkRevision({ kind, keys, value }: Revision, id: string): void {
  if (kind === 'add_key' && (keys === undefined || keys.length === 0)) {
    throw new RangeError(`revise ${id}: add_key needs keys`);
  }
  if (value !== undefined && !Number.isFinite(value)) {
    throw new RangeError(`revise ${id}: value: expected a finite number, received ${value}`);
  }
}

/** One revision 1 to 20 hours after the first publication, and after one in four of them a `return`. */
function randomRevisions({
  options: { seed, revisionRate },
  dataset,
  day,
  firstAtMs,
}: {
  readonly options: CalendarOptions;
  readonly dataset: SimulatedDataset;
  readonly day: BusinessDay;
  readonly firstAtMs: number;
}): Publication[] {
  const share = (purpose: string) => shareOf(seed, purpose, dataset.name, day);
  if (share('revised') >= revisionRate) return [];
  const kind = randomKinds[Math.floor(share('kind') * randomKinds.length)] ?? 'value';
  const published = { dataset: dataset.name, businessDay: day, origin: 'random' } as const;
  const atMs = firstAtMs + Math.floor((1 + 19 * share('revisedAt')) * hourMs);
  const revision: Publication = {
    ...published,
    ...randomCells({ seed, dataset, day, kind }),
    kind,
    atMs,
    version: 1,
  };
  if (share('returned') >= 0.25) return [revision];
  const returnedAtMs = atMs + Math.floor((1 + 19 * share('returnedAt')) * hourMs);
  return [revision, { ...published, kind: 'return', atMs: returnedAtMs, version: 2 }];
}

/** One key in ten, or for missing rows one row in ten; at least one. */
function randomCells({
  seed,
  dataset,
  day,
  kind,
}: {
  readonly seed: number;
  readonly dataset: SimulatedDataset;
  readonly day: BusinessDay;
  readonly kind: RevisionKind;
}): Pick<Publication, 'keys' | 'deliveryStartsMs'> {
  if (kind === 'republish') return {};
  const pick = <Item extends string | number>(items: readonly Item[]): Item[] => {
    const sure = hashOf(seed, 'sure', dataset.name, day) % items.length;
    return items.filter(
      (item, at) => at === sure || shareOf(seed, 'touched', dataset.name, day, String(item)) < 0.1,
    );
  };
  return kind === 'withdraw_row'
    ? { deliveryStartsMs: pick(deliveryStartsOf(dataset, day)) }
    : { keys: pick(dataset.keysOn(day)) };
}
