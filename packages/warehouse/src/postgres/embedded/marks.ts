import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isRunning, ownMark } from './process-mark.ts';

let nextNumber = 0;

/**
 * A folder with a file for each process that does one thing: uses the server, starts it, stops it.
 * A file says so as long as its process lives; what the dead have left is removed on the way.
 */
export class Marks {
  readonly #folder: string;
  /** Two users in one process are two. */
  readonly #own = `${ownMark()}+${nextNumber++}`;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Says that this process does it, from now on. */
  async put(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#path(this.#own), '');
  }

  /** Says that this process is done. */
  async remove(): Promise<void> {
    await rm(this.#path(this.#own), { force: true });
  }

  /** Whether any other than this one does it. */
  async hasOthers(): Promise<boolean> {
    const names = await this.#living();
    return names.some((name) => name !== this.#own);
  }

  /** Whether this one came first of those who do it: one of many goes ahead, the others wait. */
  async isFirst(): Promise<boolean> {
    const names = await this.#living();
    const ages = await Promise.all(
      names.map(async (name) => ({ name, sinceMs: await this.#since(name) })),
    );
    ages.sort((a, b) => a.sinceMs - b.sinceMs || (a.name < b.name ? -1 : 1));
    return ages[0]?.name === this.#own;
  }

  async #living(): Promise<string[]> {
    const living: string[] = [];
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (name === this.#own || isRunning(name)) {
        living.push(name);
      } else {
        await rm(this.#path(name), { force: true });
      }
    }
    return living;
  }

  async #since(name: string): Promise<number> {
    try {
      return (await stat(this.#path(name))).mtimeMs;
    } catch {
      // It was removed meanwhile: no rival any more.
      return Number.POSITIVE_INFINITY;
    }
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
