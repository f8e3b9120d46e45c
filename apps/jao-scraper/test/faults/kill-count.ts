const asked = process.env['SLUICE_TEST_KILLS'];

/**
 * How many processes the tests kill: few by default, so that they are quick, and any number with
 * `SLUICE_TEST_KILLS=<n>`.
 */
export const killCount = {
  atStatements: asked === undefined ? 6 : Number(asked),
  atRandom: asked === undefined ? 6 : Number(asked),
  bySigterm: asked === undefined ? 3 : Math.ceil(Number(asked) / 4),
} as const;

/** Whether somebody wants the figures of a long run. */
export const wantsFigures = asked !== undefined;
