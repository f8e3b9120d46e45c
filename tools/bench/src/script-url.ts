import { extname } from 'node:path';

/**
 * A script of this project that is started or loaded on its own, by its path under `src` without the
 * ending: the built one from the built code, and the source from the source.
 */
export function scriptUrl(name: string): URL {
  return new URL(`${name}${extname(import.meta.filename)}`, import.meta.url);
}
