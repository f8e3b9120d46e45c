import { existsSync, readdirSync } from 'node:fs';

const projects = ['packages', 'apps', 'tools']
  .filter((folder) => existsSync(new URL(folder, import.meta.url)))
  .flatMap((folder) => readdirSync(new URL(folder, import.meta.url)));

/**
 * A scope is the name of a project. `feat` and `fix` release what they touch and need one; the files in
 * the workspace's root belong to every project, and change only under `build`, `chore`, `ci` and `docs`.
 */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: {
    'scope-enum': [2, 'always', projects],
    'release-needs-scope': [2, 'always'],
    'body-max-line-length': [0],
    'footer-max-line-length': [0],
  },
  plugins: [
    {
      rules: {
        'release-needs-scope': ({ type, scope }) => [
          !['feat', 'fix', 'perf'].includes(type) || Boolean(scope),
          'a commit that releases (feat, fix, perf) names its project as the scope',
        ],
      },
    },
  ],
};
