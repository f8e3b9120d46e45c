import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { type Arrow, findArrowFault, type Project, type ProjectType } from '../src/arrows.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const graphTimeoutMs = 60_000;

interface ProjectGraph {
  readonly nodes: Record<string, { data: { root: string; tags?: string[] } }>;
  readonly dependencies: Record<string, { source: string; target: string; type: string }[]>;
}

/** What `nx graph` says of this workspace, with each project's type and run-time dependencies. */
async function readArrows(): Promise<{ projects: Project[]; arrows: Arrow[] }> {
  const { nodes, dependencies } = await readGraph();
  const projects = new Map<string, Project>();
  for (const [name, { data }] of Object.entries(nodes)) {
    projects.set(name, {
      name,
      type: projectType(data.tags ?? []),
      runtimeDependencies: await readRuntimeDependencies(data.root),
    });
  }
  const arrows = Object.values(dependencies)
    .flat()
    .flatMap(({ source, target, type }) => {
      const ends = [projects.get(source), projects.get(target)] as const;
      return ends[0] && ends[1]
        ? [{ source: ends[0], target: ends[1], isImplicit: type === 'implicit' }]
        : [];
    });
  return { projects: [...projects.values()], arrows };
}

async function readGraph(): Promise<ProjectGraph> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-graph-'));
  try {
    const file = join(folder, 'graph.json');
    const nx = fileURLToPath(import.meta.resolve('nx'));
    await promisify(execFile)(process.execPath, [nx, 'graph', `--file=${file}`], { cwd: root });
    return (JSON.parse(await readFile(file, 'utf8')) as { graph: ProjectGraph }).graph;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readRuntimeDependencies(projectRoot: string): Promise<Set<string>> {
  const text = await readFile(join(root, projectRoot, 'package.json'), 'utf8');
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
  return new Set(Object.keys(dependencies).map((name) => name.replace('@sluice/', '')));
}

function projectType(tags: readonly string[]): ProjectType {
  const type = tags.find((tag) => tag.startsWith('type:'))?.slice('type:'.length);
  if (type === 'app' || type === 'lib' || type === 'tool') return type;
  throw new RangeError(`expected one of type:app, type:lib and type:tool in [${tags.join(', ')}]`);
}

describe('the graph of this workspace', () => {
  test('has only arrows that are allowed, and no circle', { timeout: graphTimeoutMs }, async () => {
    const { projects, arrows } = await readArrows();
    expect(projects.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['schemas', 'warehouse', 'votes-ingest', 'bench']),
    );
    expect(arrows.length).toBeGreaterThanOrEqual(3);
    expect(arrows.map(findArrowFault).filter((fault) => fault !== undefined)).toEqual([]);
    expect(findCircle(arrows)).toEqual([]);
  });
});

/** The projects that are left when those that depend on nothing are taken away, again and again. */
function findCircle(arrows: readonly Arrow[]): string[] {
  const sources = new Set(arrows.map(({ source }) => source.name));
  const rest = arrows.filter(({ target }) => sources.has(target.name));
  return rest.length === arrows.length ? [...sources] : findCircle(rest);
}

function project(type: ProjectType, name: string, ...runtimeDependencies: string[]): Project {
  return { name, type, runtimeDependencies: new Set(runtimeDependencies) };
}

const schemas = project('lib', 'schemas');
const warehouse = project('lib', 'warehouse', 'schemas');
const commandLine = project('lib', 'command-line', 'schemas');
const dataQuality = project('lib', 'data-quality', 'warehouse', 'schemas');
const ingest = project('app', 'votes-ingest', 'warehouse', 'votes-generator');
const scraper = project('app', 'jao-scraper', 'warehouse');
const generator = project('tool', 'votes-generator', 'schemas');
const bench = project('tool', 'bench', 'votes-ingest');

describe('an arrow', () => {
  test.each([
    [ingest, warehouse],
    [ingest, dataQuality],
    [dataQuality, warehouse],
    [warehouse, schemas],
    [ingest, commandLine],
    [commandLine, schemas],
    [generator, schemas],
    [scraper, generator],
  ])('from $name to $name is allowed', (source, target) => {
    expect(findArrowFault({ source, target, isImplicit: false })).toBeUndefined();
  });

  test.each([
    { source: schemas, target: warehouse, fault: 'not an arrow between libraries' },
    { source: commandLine, target: warehouse, fault: 'not an arrow between libraries' },
    { source: warehouse, target: commandLine, fault: 'not an arrow between libraries' },
    { source: warehouse, target: dataQuality, fault: 'not an arrow between libraries' },
    { source: project('lib', 'new'), target: schemas, fault: 'not an arrow between libraries' },
    { source: scraper, target: ingest, fault: 'nobody imports an app' },
    { source: bench, target: ingest, fault: 'nobody imports an app' },
    { source: ingest, target: generator, fault: 'only tests import a tool' },
  ])('from $source.name to $target.name is refused', ({ source, target, fault }) => {
    expect(findArrowFault({ source, target, isImplicit: false })).toContain(fault);
  });

  test('that is not an import is for tools, which start apps as processes', () => {
    expect(findArrowFault({ source: bench, target: ingest, isImplicit: true })).toBeUndefined();
    expect(findArrowFault({ source: scraper, target: ingest, isImplicit: true })).toContain(
      'only a tool may start another project',
    );
  });
});
