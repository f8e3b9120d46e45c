import { z } from 'zod';

/** The name of a dataset, as command lines, metrics and logs write it: `votes`, `core/maxExchanges`. */
export const datasetName = z.string().regex(/^[a-z]+(\/[A-Za-z]+)?$/);
