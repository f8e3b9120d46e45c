import { CommandError, quoteUnknown } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import { checkOverridesSchema } from '@sluice/schemas/expectations';
import type { CheckOverrides } from '@sluice/schemas/expectations';
import { configureJaoSuites, findDataset, jaoDatasets } from '@sluice/schemas/jao';
import type { DatasetContract, JaoSuite } from '@sluice/schemas/jao';
import { z } from 'zod';

/** Stands for every dataset that has the check. */
const everyDataset = '*';

/** What a user says of checks: by the name of a dataset, or `*`, then by the id of the check. */
export type CheckSettings = Readonly<Record<string, CheckOverrides>>;

/**
 * The member `checks` of the configuration file, `{"core/maxExchanges": {"cells.value.floor":
 * {"action": "quarantine"}}, "*": {"days.volume": {"off": true}}}`. What does not fit is refused by the
 * names of dataset and check.
 */
export const checkSettingsSchema = z
  .record(z.string(), z.unknown())
  .transform((given, context): CheckSettings => {
    const settings: Record<string, CheckOverrides> = {};
    for (const [name, value] of Object.entries(given)) {
      if (name !== everyDataset && findDataset(name) === undefined) {
        context.addIssue(
          `the catalogue has no ${JSON.stringify(name)}; see jao-scraper datasets, or * for all`,
        );
        continue;
      }
      const parsed = checkOverridesSchema.safeParse(value);
      if (parsed.success) {
        settings[name] = parsed.data;
      } else {
        for (const { path, message } of parsed.error.issues) {
          context.addIssue([name, ...path.map(String)].join(' ') + `: ${message}`);
        }
      }
    }
    for (const problem of findProblems(settings)) {
      context.addIssue(problem);
    }
    return settings;
  });

/** The checks of a dataset as they are configured. */
export function configuredSuites(
  contract: DatasetContract,
  settings: CheckSettings,
): readonly JaoSuite[] {
  return configure(contract, settings).suites;
}

/**
 * The checks of a dataset as they are configured: those with these ids, or all.
 *
 * @throws {CommandError} with every id that the dataset has not, or that is off.
 */
export function selectChecks(
  contract: DatasetContract,
  settings: CheckSettings,
  ids: readonly string[] | undefined,
): readonly JaoSuite[] {
  const suites = configuredSuites(contract, settings);
  if (ids === undefined) {
    return suites;
  }
  const known = suites.flatMap(({ suite }) => suite.expectations.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length > 0) {
    throw new CommandError(
      `--check: ${contract.name} has no ${quoteUnknown(unknown, known)}; ` +
        `there are ${known.join(', ')}`,
      { exitCode: exitCodes.usage },
    );
  }
  return suites.map(({ relation, suite }) => ({
    relation,
    suite: { ...suite, expectations: suite.expectations.filter(({ id }) => ids.includes(id)) },
  }));
}

/**
 * Refuses ids that are of no check of any of these datasets, be it off.
 *
 * @throws {CommandError} that names each, and what may have been meant.
 */
export function refuseUnknownChecks(
  contracts: readonly DatasetContract[],
  ids: readonly string[],
): void {
  if (ids.length === 0) {
    return;
  }
  const known = new Set(contracts.flatMap(checkIdsOf));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    const [only] = contracts;
    const where = contracts.length === 1 && only ? only.name : 'these datasets';
    throw new CommandError(
      `--check: there is no ${quoteUnknown(unknown, known)} of ${where}; docs/quality.md lists them`,
      { exitCode: exitCodes.usage },
    );
  }
}

function findProblems(settings: CheckSettings): readonly string[] {
  const shared = Object.keys(settings[everyDataset] ?? {});
  const isKnown = new Set(
    shared.length === 0 ? [] : jaoDatasets.flatMap((contract) => checkIdsOf(contract)),
  );
  const nowhere = shared
    .filter((id) => !isKnown.has(id))
    .map((id) => `* ${id}: no dataset has such a check`);
  const concerned =
    shared.length === 0 ? Object.keys(settings) : jaoDatasets.map(({ name }) => name);
  const problems = concerned.flatMap((name) => {
    const contract = findDataset(name);
    return contract === undefined
      ? []
      : configure(contract, settings).problems.map((problem) => `${name} ${problem}`);
  });
  return [...nowhere, ...problems];
}

function configure(
  contract: DatasetContract,
  settings: CheckSettings,
): ReturnType<typeof configureJaoSuites> {
  const own = new Set(checkIdsOf(contract));
  const shared = Object.entries(settings[everyDataset] ?? {}).filter(([id]) => own.has(id));
  return configureJaoSuites(contract, {
    ...Object.fromEntries(shared),
    ...settings[contract.name],
  });
}

function checkIdsOf(contract: DatasetContract): readonly string[] {
  const { suites } = configureJaoSuites(contract, {});
  return suites.flatMap(({ suite }) => suite.expectations.map(({ id }) => id));
}
