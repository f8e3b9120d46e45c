const asked = process.env['SLUICE_TEST_KILLS'];

/**
 * How many kills the tests make: few by default, so that they are quick, and any number with
 * `SLUICE_TEST_KILLS=<n>`.
 */
export const killCount = {
  atCalls: asked === undefined ? 20 : Number(asked),
  atRandom: asked === undefined ? 10 : Number(asked),
} as const;
