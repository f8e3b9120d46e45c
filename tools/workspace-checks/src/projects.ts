import { existsSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { countTests, parseTestReport, type TestCount } from './test-report.ts';

const projectFolders = ['packages', 'apps', 'tools'] as const;

/** The folders of all projects of the workspace at `root`, relative to it and sorted: `apps/votes-ingest`. */
export function listProjects(root: string): string[] {
  return projectFolders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((project) => existsSync(join(root, project, 'package.json')))
    .toSorted();
}

/** Removes the test reports of earlier runs, so that what is there after a run was written by it. */
export async function removeTestReports(root: string, projects: readonly string[]): Promise<void> {
  await Promise.all(projects.map((project) => rm(reportPath(root, project), { force: true })));
}

/** The count of one project's tests, from its report; `undefined` when it left no readable report. */
export async function readTestCount(root: string, project: string): Promise<TestCount | undefined> {
  const path = reportPath(root, project);
  if (!existsSync(path)) return undefined;
  const report = parseTestReport(await readFile(path, 'utf8'));
  return report && countTests(report);
}

function reportPath(root: string, project: string): string {
  return join(root, project, 'test-output', 'report.json');
}
