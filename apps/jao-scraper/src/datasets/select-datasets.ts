import { CommandError, quoteUnknown } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import { defaultDatasetName, findDataset, jaoDatasets } from '@sluice/schemas/jao';
import type { DatasetContract } from '@sluice/schemas/jao';

/**
 * The contracts of the datasets that were named, each once; of the default one where none was.
 *
 * @throws {CommandError} with every name that the catalogue has not, and what may have been meant.
 */
export function selectDatasets(
  names: readonly string[] = [defaultDatasetName],
): readonly DatasetContract[] {
  const unknown = names.filter((name) => findDataset(name) === undefined);
  if (unknown.length > 0) {
    const quoted = quoteUnknown(
      unknown,
      jaoDatasets.map(({ name }) => name),
    );
    throw new CommandError(`--dataset: the catalogue has no ${quoted}; see jao-scraper datasets`, {
      exitCode: exitCodes.usage,
    });
  }
  return [...new Set(names)].flatMap((name) => findDataset(name) ?? []);
}
