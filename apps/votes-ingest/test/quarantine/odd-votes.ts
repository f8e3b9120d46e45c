import { checkOverridesSchema, configureSuite, voteSuite } from '@sluice/schemas/expectations';
import type { CheckAction, ExpectationSuite } from '@sluice/schemas/expectations';

import { voteLine } from '../loaded-warehouse.ts';

/** The check that odd votes fail. */
export const oddCheck = 'votes.type.known';

/** A line of a vote of a type that nobody documents; `content` tells records of one Id apart. */
export function oddLine(id: number, content = 1): string {
  return voteLine(id, content).replace('"VoteTypeId":2', '"VoteTypeId":99');
}

/** What a configuration file says where no odd vote is allowed. */
export function oddSettings(action: CheckAction): Readonly<Record<string, unknown>> {
  return { [oddCheck]: { error: { count: 0 }, action } };
}

/** The checks of votes by those settings. */
export function oddSuite(action: CheckAction): ExpectationSuite {
  return configureSuite(voteSuite, checkOverridesSchema.parse(oddSettings(action))).suite;
}
