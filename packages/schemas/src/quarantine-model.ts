import { z } from 'zod';

/**
 * The life of a quarantine entry, a record of votes or a cell of JAO:
 *
 * - `open`: nobody has decided.
 * - `released`: a person lets through, as it is, what a check held back.
 * - `discarded`: it is never to be data, for a stated reason.
 * - `replayed`: the contract can read it now, and it became data by itself.
 */
export const quarantineStates = ['open', 'released', 'discarded', 'replayed'] as const;

/** A member of {@link quarantineStates}. */
export type QuarantineState = (typeof quarantineStates)[number];

/** Accepts exactly the members of {@link quarantineStates}. */
export const quarantineStateSchema = z.enum(quarantineStates);

/** What an entry can be decided to be. */
export const quarantineVerdicts = ['released', 'discarded', 'replayed'] as const;

/** A member of {@link quarantineVerdicts}. */
export type QuarantineVerdict = (typeof quarantineVerdicts)[number];

/**
 * What an entry may become, by what it is: it is decided once. A decision is never changed, nor taken
 * back; what comes to quarantine again is another entry.
 */
export const quarantineTransitions: Readonly<
  Record<QuarantineState, readonly QuarantineVerdict[]>
> = { open: quarantineVerdicts, released: [], discarded: [], replayed: [] };

/** Whether entries in this state are records, or cells, that are not data: what `quarantined` counts. */
export function isHeld(state: QuarantineState): boolean {
  return state === 'open' || state === 'discarded';
}

/** The reason code of what keeps its contract, and was held back by a check. */
export const failedCheckReason = 'failed_check';

/** Who decided, when and why; `runId` is the run of the ledger that the decision was made in. */
export const quarantineDecisionSchema = z.object({
  state: z.enum(quarantineVerdicts),
  at: z.iso.datetime(),
  /** A user of the operating system, or what `--by` said; an app, where nobody was asked. */
  by: z.string(),
  reason: z.string(),
  runId: z.uuid().nullable(),
});

/** A decision; see {@link quarantineDecisionSchema}. */
export type QuarantineDecision = z.infer<typeof quarantineDecisionSchema>;

/** What happened to an entry, oldest first: it was put aside, and then decided, or not yet. */
export const quarantineHistorySchema = z.array(
  z.object({
    state: quarantineStateSchema,
    at: z.iso.datetime(),
    by: z.string(),
    reason: z.string(),
    runId: z.uuid().nullable(),
  }),
);

/** The history of an entry; see {@link quarantineHistorySchema}. */
export type QuarantineHistory = z.infer<typeof quarantineHistorySchema>;

/** What is known of an entry that is to be decided. */
export interface EntryToDecide {
  readonly id: number;
  readonly state: QuarantineState;
  /** The reason code that it was put aside with. */
  readonly reasonCode: string;
  readonly decision: QuarantineDecision | undefined;
}

/**
 * Why entries can not be decided so, a sentence for each that can not; `found` is what the ids name.
 * Nothing is decided then: all entries of a call are, or none.
 */
export function findUndecidable(
  ids: readonly number[],
  found: readonly EntryToDecide[],
  verdict: QuarantineVerdict,
): string[] {
  const byId = new Map(found.map((entry) => [entry.id, entry]));
  return ids.flatMap((id) => {
    const entry = byId.get(id);
    if (entry === undefined) {
      return [`there is no entry ${id}`];
    }
    const { state, decision, reasonCode } = entry;
    if (!quarantineTransitions[state].includes(verdict)) {
      return [`entry ${id} ${describeDecision(state, decision)}`];
    }
    return verdict === 'released' && reasonCode !== failedCheckReason
      ? [
          `entry ${id} broke its contract (${reasonCode}), so that it has no values to let through: ` +
            'replay it after a fix, or discard it',
        ]
      : [];
  });
}

function describeDecision(
  state: QuarantineState,
  decision: QuarantineDecision | undefined,
): string {
  return decision === undefined
    ? `was ${state} before`
    : `was ${state} before, by ${decision.by} at ${decision.at}: ${decision.reason}`;
}

const count = z.int().min(0);

/**
 * The document that `quarantine discard` and `quarantine release` print with `--format json`, of
 * either app. All entries of a call are decided, or none.
 */
export const quarantineDecisionReportSchema = z.object({
  runId: z.uuid(),
  state: z.enum(['discarded', 'released']),
  by: z.string(),
  reason: z.string(),
  /** How many entries were decided. */
  entries: count,
  /** What the records are now that were released. */
  became: z.object({ accepted: count, duplicate: count, conflicting: count }).optional(),
});

/** The document of one decision; see {@link quarantineDecisionReportSchema}. */
export type QuarantineDecisionReport = z.infer<typeof quarantineDecisionReportSchema>;

/** Entries by reason code, and of each reason by state; a reader ignores reasons it does not know. */
export const quarantineCountsSchema = z.record(
  z.string(),
  z.object({ open: count, released: count, discarded: count, replayed: count }),
);

/** Entries, counted; see {@link quarantineCountsSchema}. */
export type QuarantineCounts = z.infer<typeof quarantineCountsSchema>;
