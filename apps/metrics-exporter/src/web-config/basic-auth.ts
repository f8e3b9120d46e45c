import { createHash, randomBytes } from 'node:crypto';

import type { ComparePassword } from './compare-passwords.ts';

/** Of the cost that is usual: compared with where there is no such user, so that the answer takes as long. */
const nobodysHash = `$2b$10$${'.'.repeat(53)}`;
/** Scrapes come with the same credentials each time. */
const maxRemembered = 100;
/** Compared one after the other, the last waits for half a second: a scrape has seconds. */
const maxComparing = 8;

/** What is said to whoever asks; `too-many` is no verdict: they are to come again. */
export type Verdict = 'allowed' | 'refused' | 'too-many';

/**
 * Judges `Authorization` headers. A comparison is expensive by design: what was found right is remembered, as a
 * keyed hash, and only so many are compared at once, so that a flood of wrong passwords costs those who are
 * remembered nothing.
 */
export class BasicAuth {
  readonly #users: Readonly<Record<string, string>>;
  readonly #compare: ComparePassword;
  readonly #salt = randomBytes(32);
  readonly #known = new Set<string>();
  /** By the same keyed hash: the same credentials at once are compared once. */
  readonly #comparing = new Map<string, Promise<boolean>>();

  constructor(users: Readonly<Record<string, string>>, compare: ComparePassword) {
    this.#users = users;
    this.#compare = compare;
  }

  /** Without users everybody is allowed. */
  async judge(header: string | undefined): Promise<Verdict> {
    if (Object.keys(this.#users).length === 0) {
      return 'allowed';
    }
    const credentials = readCredentials(header);
    if (credentials === undefined) {
      return 'refused';
    }
    const { user, password } = credentials;
    const mark = createHash('sha256')
      .update(this.#salt)
      .update(`${user}\0${password}`)
      .digest('hex');
    if (this.#known.has(mark)) {
      return 'allowed';
    }
    let isRight = this.#comparing.get(mark);
    if (isRight === undefined) {
      if (this.#comparing.size >= maxComparing) {
        return 'too-many';
      }
      isRight = this.#check(mark, credentials);
      this.#comparing.set(mark, isRight);
    }
    return (await isRight) ? 'allowed' : 'refused';
  }

  async #check(mark: string, { user, password }: Credentials): Promise<boolean> {
    const usersHash = Object.hasOwn(this.#users, user) ? this.#users[user] : undefined;
    try {
      const isSame = await this.#compare({ password, hash: usersHash ?? nobodysHash });
      const isRight = isSame && usersHash !== undefined;
      if (isRight) {
        this.#remember(mark);
      }
      return isRight;
    } finally {
      this.#comparing.delete(mark);
    }
  }

  #remember(mark: string): void {
    if (this.#known.size >= maxRemembered) {
      this.#known.clear();
    }
    this.#known.add(mark);
  }
}

interface Credentials {
  readonly user: string;
  readonly password: string;
}

function readCredentials(header: string | undefined): Credentials | undefined {
  const encoded = /^basic +([\w+/=-]+) *$/i.exec(header ?? '')?.[1];
  const text = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text?.indexOf(':') ?? -1;
  return text === undefined || colon < 0
    ? undefined
    : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
