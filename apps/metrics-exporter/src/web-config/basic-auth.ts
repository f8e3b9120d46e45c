import { createHash, randomBytes } from 'node:crypto';

import { compare, hash } from 'bcryptjs';

/** As the usual hash is: see {@link BasicAuth.allows}. */
const cost = 10;
/** Scrapes come with the same credentials each time. */
const maxRemembered = 100;

/**
 * Tells whether an `Authorization` header is one of a user. A comparison takes some 70 ms of CPU by
 * design, so what was found right is remembered, as a keyed hash.
 */
export class BasicAuth {
  readonly #users: Readonly<Record<string, string>>;
  readonly #salt = randomBytes(32);
  readonly #known = new Set<string>();
  /** Compared with where there is no such user, so that the answer takes as long. */
  #nobodysHash: Promise<string> | undefined;

  constructor(users: Readonly<Record<string, string>>) {
    this.#users = users;
  }

  /** Without users everybody may. */
  async allows(header: string | undefined): Promise<boolean> {
    if (Object.keys(this.#users).length === 0) {
      return true;
    }
    const credentials = readCredentials(header);
    if (credentials === undefined) {
      return false;
    }
    const { user, password } = credentials;
    const mark = createHash('sha256')
      .update(this.#salt)
      .update(`${user}\0${password}`)
      .digest('hex');
    if (this.#known.has(mark)) {
      return true;
    }
    const usersHash = Object.hasOwn(this.#users, user) ? this.#users[user] : undefined;
    this.#nobodysHash ??= hash(randomBytes(16).toString('hex'), cost);
    const isRight = await compare(password, usersHash ?? (await this.#nobodysHash));
    if (!isRight || usersHash === undefined) {
      return false;
    }
    if (this.#known.size >= maxRemembered) {
      this.#known.clear();
    }
    this.#known.add(mark);
    return true;
  }
}

function readCredentials(
  header: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const encoded = /^basic +([\w+/=-]+) *$/i.exec(header ?? '')?.[1];
  const text = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text?.indexOf(':') ?? -1;
  return text === undefined || colon < 0
    ? undefined
    : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
