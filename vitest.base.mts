import { defineConfig, type ViteUserConfig } from 'vitest/config';

const sourceCondition = '@sluice/source';

/**
 * The test settings that every project shares: workspace packages are read from their sources, so that
 * tests need no build, and each run leaves `test-output/report.json` for the count that `npm test` prints.
 */
export function projectTestConfig(projectRoot: string): ViteUserConfig {
  return defineConfig({
    root: projectRoot,
    cacheDir: 'test-output/.vite',
    resolve: { conditions: [sourceCondition] },
    ssr: { resolve: { conditions: [sourceCondition] } },
    test: {
      include: ['test/**/*.test.ts'],
      environment: 'node',
      allowOnly: false,
      restoreMocks: true,
      maxWorkers: 2,
      // A busy machine is no failure: what must be fast is measured in tools/bench.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 30_000 } },
      setupFiles: [new URL('vitest.setup.mts', import.meta.url).pathname],
      reporters: ['default', 'json'],
      outputFile: { json: 'test-output/report.json' },
    },
  });
}
