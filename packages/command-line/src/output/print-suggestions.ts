import type { Suggestion } from '@sluice/schemas/expectations';

import type { CommandContext } from '../command-context.ts';
import { printable } from './printable.ts';
import { printTable } from './print-table.ts';

/**
 * Prints suggested expectations: those that are new as declarations to paste into a suite, each below its
 * evidence, and then a table of those that the suite has.
 */
export function printSuggestions(
  context: Pick<CommandContext<unknown>, 'output' | 'hasColor'>,
  suggestions: readonly Suggestion[],
): void {
  const isNew = ({ existing }: Suggestion): boolean => existing === null;
  const [added, known] = [suggestions.filter(isNew), suggestions.filter((item) => !isNew(item))];
  context.output.write(
    `${suggestions.length} expectations are suggested by the data, ${added.length} of them new\n\n`,
  );
  for (const { evidence, examples, code } of added) {
    const example = examples.length === 0 ? '' : `; for instance ${keysText(examples)}`;
    context.output.write(`// ${printable(`${evidence}${example}`)}\n${code}\n\n`);
  }
  if (known.length > 0) {
    printTable(
      context,
      ['suggested too', 'is there as', 'evidence'],
      known.map(({ expectation, existing, evidence }) => [expectation.id, existing, evidence]),
    );
  }
}

function keysText(keys: Suggestion['examples']): string {
  return keys
    .map((key) =>
      Object.entries(key)
        .map(
          ([name, value]) =>
            `${name} ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
        )
        .join(', '),
    )
    .join(' · ');
}
