/** Numbers from 0 to 1, without 1, the same for the same seed (Mulberry32, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed that `SLUICE_TEST_SEED` asks for, or another one each time. */
export function chooseSeed(environment: Readonly<Record<string, string | undefined>>): number {
  const asked = environment['SLUICE_TEST_SEED'];
  return asked === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(asked);
}
