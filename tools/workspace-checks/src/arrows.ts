/** What a project is, by its `type:` tag. */
export type ProjectType = 'app' | 'lib' | 'tool';

/** A project of the workspace, as the check of the arrows needs it. */
export interface Project {
  readonly name: string;
  readonly type: ProjectType;
  /** What it depends on at run time: the names of other projects. */
  readonly runtimeDependencies: ReadonlySet<string>;
}

/** A dependency between two projects; `implicit` when it is declared in `nx.implicitDependencies` only. */
export interface Arrow {
  readonly source: Project;
  readonly target: Project;
  readonly isImplicit: boolean;
}

/** What each library may depend on. A library that is not listed may depend on none. */
const libraryArrows: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  metrics: [],
  'command-line': ['schemas'],
  report: [],
  warehouse: ['schemas'],
  'data-quality': ['warehouse', 'schemas'],
};

/** Why `arrow` must not be, or `undefined` when it may. */
export function findArrowFault({ source, target, isImplicit }: Arrow): string | undefined {
  const arrow = `${source.name} -> ${target.name}`;
  if (isImplicit) {
    return source.type === 'tool' ? undefined : `${arrow}: only a tool may start another project`;
  }
  if (target.type === 'app') return `${arrow}: nobody imports an app`;
  if (target.type === 'tool') {
    return source.runtimeDependencies.has(target.name)
      ? `${arrow}: only tests import a tool, so it belongs into devDependencies`
      : undefined;
  }
  if (source.type !== 'lib' || libraryArrows[source.name]?.includes(target.name)) return undefined;
  return `${arrow}: not an arrow between libraries that arrows.ts lists`;
}
