import { hash } from 'bcryptjs';
import { expect, onTestFinished, test } from 'vitest';

import { comparePasswordsAside } from '../../src/web-config/compare-passwords.ts';

function start() {
  const passwords = comparePasswordsAside();
  onTestFinished(passwords.close);
  return passwords.compare;
}

test('each comparison gets its own answer, however many there are at once', async () => {
  const compare = start();
  const right = await hash('right', 4);
  const given = ['right', 'wrong', 'right', 'right', 'wrong'];
  const answers = await Promise.all(given.map((password) => compare({ password, hash: right })));
  expect(answers).toEqual([true, false, true, true, false]);
});

test('one that can not be done fails alone', async () => {
  const compare = start();
  const right = await hash('right', 4);
  const impossible = `$2b$99$${'.'.repeat(53)}`;
  const answers = await Promise.allSettled(
    [impossible, right].map((one) => compare({ password: 'right', hash: one })),
  );
  expect(answers).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: true }]);
});

test('without a comparison there is no thread to end', async () => {
  await expect(comparePasswordsAside().close()).resolves.toBeUndefined();
});
