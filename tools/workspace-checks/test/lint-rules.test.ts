import { fileURLToPath } from 'node:url';

import { ESLint } from 'eslint';
import { expect, test } from 'vitest';
import tseslint from 'typescript-eslint';

const lintTimeoutMs = 60_000;

// The rules that need no types are asked here, of text that never becomes a file: a file in another
// project's folder would be seen by whatever else runs there at the time.
const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../../../', import.meta.url)),
  overrideConfig: {
    files: ['**/*.ts'],
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      '@typescript-eslint/consistent-type-exports': 'off',
    },
    languageOptions: { parserOptions: { projectService: false } },
  },
});

async function findErrors(filePath: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${String(ruleId)}: ${message}`);
}

test.each([
  {
    name: 'a library that imports one above it',
    file: 'packages/schemas/src/sample.ts',
    text: `import { a } from '@sluice/warehouse';\na();\n`,
    says: 'Circular dependency',
  },
  {
    name: 'a tool that imports an app',
    file: 'tools/bench/src/sample.ts',
    text: `import { a } from '@sluice/votes-ingest';\na();\n`,
    says: 'unresolvable',
  },
  {
    name: 'an app that imports a tool',
    file: 'apps/votes-ingest/src/sample.ts',
    text: `import { a } from '@sluice/votes-generator';\na();\n`,
    says: 'can only depend on libs tagged',
  },
  {
    name: 'an app that imports a database driver',
    file: 'apps/votes-ingest/src/sample.ts',
    text: `import { a } from '@duckdb/node-api';\na();\n`,
    says: 'is not allowed to import',
  },
  {
    name: 'a tool other than bench that imports a database driver',
    file: 'tools/votes-generator/src/sample.ts',
    text: `import { a } from '@duckdb/node-api';\na();\n`,
    says: 'is not allowed to import',
  },
  {
    name: 'a package that its project does not declare',
    file: 'apps/votes-ingest/src/sample.ts',
    text: `import { a } from 'semver';\na();\n`,
    says: 'Transitive',
  },
  {
    name: 'a relative import into another project',
    file: 'tools/bench/src/sample.ts',
    text: `import { a } from '../../../apps/votes-ingest/src/run.ts';\na();\n`,
    says: 'relative',
  },
])('ESLint refuses $name', { timeout: lintTimeoutMs }, async ({ file, text, says }) => {
  const errors = await findErrors(file, text);
  expect(errors).toContainEqual(expect.stringMatching(`^@nx/enforce-module-boundaries: .*${says}`));
});

test.each([
  {
    name: 'an app that imports a library',
    file: 'apps/votes-ingest/src/sample.ts',
    text: `import { a } from '@sluice/warehouse';\na();\n`,
  },
  {
    name: 'a test that imports a tool',
    file: 'apps/votes-ingest/test/sample.test.ts',
    text: `import { a } from '@sluice/votes-generator';\na();\n`,
  },
  {
    name: 'bench, which measures against bare DuckDB, to import it',
    file: 'tools/bench/src/sample.ts',
    text: `import { a } from '@duckdb/node-api';\na();\n`,
  },
  {
    name: 'the environment in config.ts',
    file: 'apps/votes-ingest/src/config.ts',
    text: `export const home = process.env['HOME'];\n`,
  },
])('ESLint allows $name', { timeout: lintTimeoutMs }, async ({ file, text }) => {
  expect(await findErrors(file, text)).toEqual([]);
});

test.each([
  { rule: 'no-restricted-properties', text: `export const home = process.env['HOME'];\n` },
  { rule: 'no-restricted-imports', text: `import { env } from 'node:process';\nenv['A'];\n` },
  { rule: 'no-console', text: `console.log('a');\n` },
  { rule: 'no-restricted-syntax', text: `export default 1;\n` },
  { rule: 'no-restricted-syntax', text: `export * from './a.ts';\n` },
  { rule: '@typescript-eslint/no-explicit-any', text: `export const a: any = 1;\n` },
  { rule: '@typescript-eslint/no-non-null-assertion', text: `export const a = [1][0]!;\n` },
  { rule: 'max-lines', text: '// line\n'.repeat(401) },
])('ESLint reports $rule in $text', { timeout: lintTimeoutMs }, async ({ rule, text }) => {
  const errors = await findErrors('packages/schemas/src/sample.ts', text);
  expect(errors.join('\n')).toContain(`${rule}: `);
});
