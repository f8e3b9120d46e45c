import { fakeContext } from '../src/testing.ts';
import type { FakeContext, FakeContextOptions } from '../src/testing.ts';

/** A context without settings. */
export function testContext(
  options: Omit<FakeContextOptions<undefined>, 'program' | 'config'> = {},
): FakeContext<undefined> {
  return fakeContext({ program: 'sample', config: undefined, ...options });
}
