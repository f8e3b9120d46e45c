import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { expectations } from './alert-cases/all-cases.ts';
import { canTestRules, testRules } from './test-rules.ts';
import { mutationsOf } from './rule-mutations.ts';
import { nameOf, rules, rulesFor } from './rules.ts';
import type { Rule } from './rules.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-mutations-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** The rules that a rule is tested by: its alert's own, or those of all alerts that rest on it. */
function alertsOn(rule: Rule): readonly string[] {
  return Object.keys(expectations).filter((alert) => rulesFor(alert).includes(rule));
}

describe.skipIf(!canTestRules)('no rule can be wrong unseen', () => {
  test.concurrent.each(rules.map((rule) => [nameOf(rule), rule] as const))(
    '%s',
    async (name, rule) => {
      const alerts = alertsOn(rule);
      const expected = Object.fromEntries(
        Object.entries(expectations).filter(([alert]) => alerts.includes(alert)),
      );
      const needed = rules.filter((other) =>
        alerts.some((alert) => rulesFor(alert).includes(other)),
      );
      const unseen: string[] = [];
      for (const [index, { what, rule: mutated }] of mutationsOf(rule).entries()) {
        const wrong = needed.flatMap((other) =>
          other === rule ? (mutated === undefined ? [] : [mutated]) : [other],
        );
        const { exitCode, output } = await testRules(
          join(folder, `${name} ${String(index)}`),
          wrong,
          expected,
        );
        // A rule that promtool can not read would be seen as well, and prove nothing.
        expect(output, what).not.toContain('parse error');
        if (exitCode === 0) {
          unseen.push(what);
        }
      }
      expect(unseen).toEqual([]);
    },
  );
});
