import { checkIds, voteSuite } from '@sluice/schemas/expectations';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { BenchError } from '../errors.ts';
import { parseOutput } from '../parse-output.ts';
import { bareLoad, ingest, prepareWarehouse, rowByRowLoad } from './sides.ts';
import type { VotesCase, VotesSizes } from './votes-case.ts';
import type { VotesFile, VotesFileOptions } from './votes-files.ts';

const clean = ({ rows }: VotesSizes): VotesFileOptions => ({ rows });

/** `votes-ingest ingest` beside bare DuckDB, and beside the way it is commonly written. */
export const loadCases: readonly VotesCase[] = [
  besideBareDuckDb('load', { limit: 1.4, file: clean }),
  {
    id: 'readline',
    limits: [{ kind: 'ratio-at-least', value: 5 }],
    files: (sizes) => [clean(sizes)],
    setUp: async (context) => {
      const file = await context.files.make(clean(context.sizes));
      return {
        a: ingest(context, { side: 'a', file }),
        b: rowByRowLoad(context, { side: 'b', file }),
      };
    },
  },
  {
    id: 'again',
    limits: [{ kind: 'ratio-at-most', value: 0.5 }],
    files: (sizes) => [clean(sizes)],
    setUp: async (context) => {
      const file = await context.files.make(clean(context.sizes));
      return {
        a: bareLoad(context, { side: 'a', file }),
        b: ingest(context, {
          side: 'b',
          label: 'votes-ingest ingest, the same file again',
          file,
          within: await prepareWarehouse(context, file),
          outcome: 'already_ingested',
          totals: {},
          tableRows: file.totals.accepted,
        }),
      };
    },
  },
  {
    id: 'overlap',
    limits: [],
    files: (sizes) => overlapping(sizes),
    setUp: async (context) => {
      const { rows } = context.sizes;
      const [firstOptions, secondOptions] = overlapping(context.sizes);
      const first = await context.files.make(firstOptions);
      const second = await context.files.make(secondOptions);
      const accepted = secondOptions.firstRow;
      return {
        a: bareLoad(context, { side: 'a', file: second }),
        b: ingest(context, {
          side: 'b',
          label: 'votes-ingest ingest, 10 % there already',
          file: second,
          copyOf: await prepareWarehouse(context, first),
          totals: { read: rows, accepted, duplicate: rows - accepted },
          tableRows: rows + accepted,
          firstComparedId: await readFirstId(second),
        }),
      };
    },
  },
  besideBareDuckDb('random', { file: ({ rows }) => ({ rows, order: 'random' }) }),
  besideBareDuckDb('gzip', { file: ({ rows }) => ({ rows, compress: 'gzip' }) }),
  besideCleanFile('bad', {
    label: 'votes-ingest ingest, 1 % bad lines',
    file: ({ rows }) => ({ rows, bad: '1%' }),
    isCompared: false,
  }),
  besideCleanFile('bad-end', {
    label: 'votes-ingest ingest, one bad line at the end',
    file: ({ rows }) => ({ rows, badAtEnd: true }),
    isCompared: true,
  }),
  {
    id: 'checks',
    limits: [{ kind: 'ratio-at-most', value: 1.15 }],
    files: (sizes) => [clean(sizes)],
    setUp: async (context) => {
      const file = await context.files.make(clean(context.sizes));
      const config = join(context.folder, 'no-checks.json');
      const off = voteSuite.expectations
        .flatMap(checkIds)
        .map((id) => [id, { off: true }] as const);
      await writeFile(config, JSON.stringify({ checks: Object.fromEntries(off) }));
      return {
        a: ingest(context, {
          side: 'a',
          label: 'votes-ingest ingest, all checks off',
          file,
          flags: ['--config', config],
        }),
        b: ingest(context, {
          side: 'b',
          label: 'votes-ingest ingest, with the checks that run by default',
          file,
        }),
      };
    },
  },
  {
    id: 'xml',
    limits: [],
    files: (sizes) => [clean(sizes), { ...clean(sizes), format: 'xml' }],
    setUp: async (context) => {
      const options = clean(context.sizes);
      const jsonl = await context.files.make(options);
      const xml = await context.files.make({ ...options, format: 'xml' });
      return {
        a: ingest(context, { side: 'a', file: jsonl }),
        b: ingest(context, { side: 'b', label: 'votes-ingest ingest, XML', file: xml }),
      };
    },
  },
];

function besideBareDuckDb(
  id: string,
  of: { readonly limit?: number; readonly file: (sizes: VotesSizes) => VotesFileOptions },
): VotesCase {
  return {
    id,
    limits: of.limit === undefined ? [] : [{ kind: 'ratio-at-most', value: of.limit }],
    files: (sizes) => [of.file(sizes)],
    setUp: async (context) => {
      const file = await context.files.make(of.file(context.sizes));
      return {
        a: bareLoad(context, { side: 'a', file }),
        b: ingest(context, { side: 'b', file }),
      };
    },
  };
}

/** Bare DuckDB has no way to load bad lines, so it loads a clean file of as many rows. */
function besideCleanFile(
  id: string,
  of: {
    readonly label: string;
    readonly file: (sizes: VotesSizes) => VotesFileOptions;
    /** Whether the good rows of both files are the same. */
    readonly isCompared: boolean;
  },
): VotesCase {
  return {
    id,
    limits: [{ kind: 'ratio-at-most', value: 1.8 }],
    files: (sizes) => [clean(sizes), of.file(sizes)],
    setUp: async (context) => {
      const cleanFile = await context.files.make(clean(context.sizes));
      const file = await context.files.make(of.file(context.sizes));
      const { label, isCompared } = of;
      return {
        a: bareLoad(context, { side: 'a', file: cleanFile }),
        b: ingest(context, { side: 'b', label, file, isCompared }),
      };
    },
  };
}

/** Two files of one stream: the second begins where nine tenths of the first are over. */
function overlapping({ rows }: VotesSizes) {
  const firstRow = rows - Math.round(rows / 10);
  const streamRows = firstRow + rows;
  return [
    { rows, streamRows },
    { rows, streamRows, firstRow },
  ] as const;
}

async function readFirstId({ path }: VotesFile): Promise<string> {
  const file = await open(path);
  try {
    for await (const line of file.readLines()) {
      return parseOutput(z.object({ Id: z.string() }), line, `the first line of ${path}`).Id;
    }
  } finally {
    await file.close();
  }
  throw new BenchError(`read the first Id of ${path}: it has no line`);
}
