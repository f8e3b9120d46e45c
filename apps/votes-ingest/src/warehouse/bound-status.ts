import { warehouseStatusLimits } from '@sluice/schemas';
import type { RunReport, WarehouseStatus } from '@sluice/schemas';

type Results = NonNullable<WarehouseStatus['quality']>;

/** A third: an honest suite of dozens of checks takes a hundredth. */
const resultBytes = warehouseStatusLimits.sizeBytes / 3;
/** Expected files have short names and reasons; names that are not can not take what runs need. */
const missingFileBytes = 2 ** 18;
/**
 * Of why a run failed, and of what a check found. With 50 runs this stays below 2 MB, whatever has to be escaped,
 * and of results there is room for dozens.
 */
const maxTextLength = 4000;
const passed: ReadonlySet<string> = new Set(['passed', 'skipped']);

/**
 * The status as it may be written: within `warehouseStatusLimits`, also where paths, messages and names of
 * unknown fields are as long as they can be. Of runs the newest keep their files and drift; what is left
 * out is counted.
 */
export function boundStatus(status: WarehouseStatus): WarehouseStatus {
  const { quality, arrivals, runs, ...rest } = status;
  const bounded = {
    ...rest,
    ...(quality === undefined ? {} : boundResults(quality)),
    ...(arrivals === undefined
      ? {}
      : { arrivals: { ...arrivals, missing: takeFitting(arrivals.missing, missingFileBytes) } }),
  };
  const takenBytes =
    sizeBytesOf({ ...bounded, runs: [] }) + sumOf(runs.map(emptyRun).map(sizeBytesInList));
  return { ...bounded, runs: fillRuns(runs, warehouseStatusLimits.sizeBytes - takenBytes) };
}

/** Those that are not as they should be go before the others. */
function boundResults(results: Results): Pick<WarehouseStatus, 'quality' | 'qualityLeftOut'> {
  const cut = results.map(cutTexts);
  const worstFirst = cut.toSorted(
    (left, right) => Number(passed.has(left.outcome)) - Number(passed.has(right.outcome)),
  );
  const kept = new Set(takeFitting(worstFirst.slice(0, warehouseStatusLimits.checks), resultBytes));
  const leftOut = results.length - kept.size;
  return {
    quality: cut.filter((result) => kept.has(result)),
    ...(leftOut === 0 ? {} : { qualityLeftOut: leftOut }),
  };
}

function cutTexts(result: Results[number]): Results[number] {
  const { observed, expected, message } = result;
  return {
    ...result,
    observed: observed === null ? null : cutText(observed),
    expected: cutText(expected),
    message: cutText(message),
  };
}

function cutText(text: string): string {
  return text.slice(0, maxTextLength).toWellFormed();
}

/** A run with nothing in its lists, and a count of all that could be there. */
function emptyRun(run: RunReport) {
  return {
    ...run,
    error: run.error === null ? null : cutText(run.error),
    files: [],
    drift: [],
    leftOut: {
      files: run.files.length + (run.leftOut?.files ?? 0),
      drift: run.drift.length + (run.leftOut?.drift ?? 0),
    },
  };
}

function fillRuns(runs: readonly RunReport[], maxBytes: number): RunReport[] {
  let leftBytes = maxBytes;
  const take = <Item>(items: readonly Item[]): Item[] => {
    const taken = takeFitting(items, leftBytes);
    leftBytes -= sumOf(taken.map(sizeBytesInList));
    return taken;
  };
  return runs.map((run) => {
    const { leftOut: all, ...empty } = emptyRun(run);
    const files = take(run.files);
    const drift = take(run.drift);
    const leftOut = { files: all.files - files.length, drift: all.drift - drift.length };
    const filled = { ...empty, files, drift };
    return leftOut.files + leftOut.drift === 0 ? filled : { ...filled, leftOut };
  });
}

/** The first items, up to the one with which they would take more bytes. */
function takeFitting<Item>(items: readonly Item[], maxBytes: number): Item[] {
  const taken: Item[] = [];
  let leftBytes = maxBytes;
  for (const item of items) {
    leftBytes -= sizeBytesInList(item);
    if (leftBytes < 0) {
      break;
    }
    taken.push(item);
  }
  return taken;
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** As an item of the lists of a run, which are as deep in the file as any. */
function sizeBytesInList(item: unknown): number {
  return sizeBytesOf([[[[item]]]]);
}

/** As `writeStatusFile` writes it. */
function sizeBytesOf(value: unknown): number {
  return Buffer.byteLength(`${JSON.stringify(value, undefined, 2)}\n`);
}
