import { findWrongExamples } from '@sluice/command-line/testing';
import { expect, test } from 'vitest';

import { defineProgram } from '../../src/cli.ts';

test('the help of each command has examples that the program takes', async () => {
  expect(await findWrongExamples(defineProgram)).toEqual([]);
});
