import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { exceedsGate, parseQuarantineGate } from '../../src/ingest/quarantine-gate.ts';
import { CheckedWarehouse } from './checked-warehouse.ts';
import { fileOf, goodLine } from './vote-source.ts';

describe('--max-quarantined', () => {
  test.each([
    ['0', 0, 1_000, 1, 1_000],
    ['3', 3, 3, 4, 1_000],
    ['0%', 0, 1_000, 1, 1_000_000],
    ['1%', 10, 1_000, 11, 1_000],
    ['1%', 9, 999, 10, 999],
    ['0.1%', 1, 1_000, 2, 1_999],
    ['33.333333333%', 33_333, 100_000, 33_334, 100_000],
    ['0.000000001%', 1, 100_000_000_000, 1, 99_999_999_999],
    ['99.9%', 999, 1_000, 1_000, 1_000],
    ['1', 0, 0, 2, 2],
    ['50%', 0, 0, 1, 1],
  ])('%s lets %i of %i through, and not %i of %i', (text, passes, ofPasses, fails, ofFails) => {
    const gate = parseQuarantineGate(text);
    expect(gate && exceedsGate(gate, { quarantined: passes, read: ofPasses })).toBe(false);
    expect(gate && exceedsGate(gate, { quarantined: fails, read: ofFails })).toBe(true);
  });

  test('is exact for every share', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(10_000_000), fc.nat(10_000_000), (share, part, rest) => {
        const text = `${Math.floor(share / 1_000)}.${String(share % 1_000).padStart(3, '0')}%`;
        const gate = parseQuarantineGate(text);
        const read = part + rest;
        const exceeds = BigInt(part) * 100_000n > BigInt(share) * BigInt(read);
        expect(gate && exceedsGate(gate, { quarantined: part, read })).toBe(exceeds);
      }),
    );
  });

  test.each([
    '',
    '%',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '1 %',
    ' 1',
    '1,5%',
    '.5%',
    '1.%',
    'NaN',
    '0x1',
    '१',
    '1%%',
  ])('is not %j', (text) => {
    expect(parseQuarantineGate(text)).toBeUndefined();
  });
});

let warehouse: CheckedWarehouse;

beforeEach(async () => {
  warehouse = await CheckedWarehouse.create();
});

afterEach(async () => {
  await warehouse.remove();
});

/** Good lines with Ids from `firstId` on, and bad ones between them. */
function linesOf(good: number, bad: number, firstId = 1): string[] {
  const lines = Array.from({ length: good }, (_, index) => goodLine(firstId + index));
  for (let index = 0; index < bad; index++) {
    lines.splice((index * 7) % (lines.length + 1), 0, `bad ${firstId} ${index}`);
  }
  return lines;
}

describe('a file over the gate', () => {
  test.each([
    ['3', 7, 3, 6, 4],
    ['30%', 7, 3, 6, 4],
    ['33.3%', 667, 333, 666, 334],
    ['0', 5, 0, 5, 1],
  ])(
    'of %s is refused, and one at it is not',
    async (maxQuarantined, good, bad, tooFew, tooMany) => {
      const inputs = [
        await warehouse.place('at.jsonl', fileOf(linesOf(good, bad))),
        await warehouse.place('over.jsonl', fileOf(linesOf(tooFew, tooMany, 5_000))),
        await warehouse.place('later.jsonl', fileOf([goodLine(9_999), ' ', ''])),
      ];
      const { report, exitCode } = await warehouse.ingest(inputs, { maxQuarantined });
      expect(exitCode).toBe(3);
      expect(report.files).toMatchObject([
        { outcome: 'ingested', read: good + bad, accepted: good, quarantined: bad },
        { outcome: 'refused', read: tooFew + tooMany, refused: tooFew, quarantined: tooMany },
        { outcome: 'ingested', read: 1, accepted: 1 },
      ]);
      expect(report.files[1]?.error).toContain(`--max-quarantined ${maxQuarantined}`);
      expect(await warehouse.voteIds()).toHaveLength(good + 1);
      expect(await warehouse.quarantine()).toHaveLength(bad + tooMany);
      const { openQuarantine, filesByOutcome, contents } = await warehouse.status();
      expect(openQuarantine).toMatchObject({ entries: bad + tooMany });
      expect(filesByOutcome).toMatchObject({ ingested: 2, refused: 1 });
      expect(contents).toMatchObject({ rows: good + 1, files: 3, runs: 1, conflicts: 0 });
    },
  );

  test('leaves no conflict, no overlap and no line behind, and changes no row', async () => {
    await warehouse.ingestBytes(fileOf([goodLine(1), goodLine(2)]), { name: 'held.jsonl' });
    const before = await warehouse.votes();
    const changed = goodLine(2).replace('"7"', '"8"');
    const report = await warehouse.ingestBytes(fileOf([goodLine(1), changed, goodLine(3), 'bad']), {
      name: 'over.jsonl',
      maxQuarantined: '0',
    });
    expect(report).toMatchObject({ read: 4, refused: 3, quarantined: 1, conflicting: 0 });
    expect(await warehouse.votes()).toEqual(before);
    const left = await warehouse.rows(
      z.object({ conflicts: z.int(), overlaps: z.int(), lines: z.int() }),
      `select (select count(*) from ops.conflict) as conflicts,
              (select count(*) from ops.overlap) as overlaps,
              (select count(*) from ops.accepted_lines where file_id = 2) as lines`,
    );
    expect(left).toEqual([{ conflicts: 0, overlaps: 0, lines: 0 }]);
  });

  test('is looked at again: its earlier open entries are superseded, none is doubled', async () => {
    const content = fileOf(linesOf(3, 2));
    const states = async () => (await warehouse.quarantine()).map((entry) => entry.state);
    await warehouse.ingestBytes(content, { maxQuarantined: '1' });
    expect(await states()).toEqual(['open', 'open']);
    await warehouse.ingestBytes(content, { name: 'again.jsonl', maxQuarantined: '10%' });
    expect(await states()).toEqual(['discarded', 'discarded', 'open', 'open']);
    expect(await warehouse.ingestBytes(content)).toMatchObject({
      outcome: 'ingested',
      accepted: 3,
      quarantined: 2,
    });
    expect(await states()).toEqual([...Array<string>(4).fill('discarded'), 'open', 'open']);
    expect(await warehouse.ingestBytes(content, { maxQuarantined: '0' })).toMatchObject({
      outcome: 'already_ingested',
    });
    expect(await states()).toHaveLength(6);
    const { openQuarantine } = await warehouse.status();
    expect(openQuarantine).toMatchObject({ entries: 2, byReason: { not_json: 2 } });
    const [newest] = (await warehouse.quarantine()).slice(-1);
    expect(newest).toMatchObject({ path: `${warehouse.folder}/votes.jsonl` });
  });

  test('twice in one run is refused twice, and open once', async () => {
    const first = await warehouse.place('1.jsonl', fileOf(linesOf(3, 2)));
    const second = await warehouse.place('2.jsonl', fileOf(linesOf(3, 2)));
    const { report } = await warehouse.ingest([first, second], { maxQuarantined: '1' });
    expect(report.totals).toMatchObject({ read: 10, refused: 6, quarantined: 4 });
    expect((await warehouse.quarantine()).map(({ path, state }) => [path, state])).toEqual([
      [first, 'discarded'],
      [first, 'discarded'],
      [second, 'open'],
      [second, 'open'],
    ]);
  });

  test('does not supersede the entries of another file, nor of one that was ingested', async () => {
    await warehouse.ingestBytes(fileOf(linesOf(3, 1)), { name: 'ingested.jsonl' });
    await warehouse.ingestBytes(fileOf(linesOf(3, 2, 10)), {
      name: 'a.jsonl',
      maxQuarantined: '1',
    });
    await warehouse.ingestBytes(fileOf(linesOf(3, 2, 20)), {
      name: 'b.jsonl',
      maxQuarantined: '1',
    });
    await warehouse.ingestBytes(fileOf(linesOf(3, 2, 10)), { name: 'a.jsonl' });
    expect((await warehouse.quarantine()).map((entry) => entry.state)).toEqual([
      'open',
      'discarded',
      'discarded',
      'open',
      'open',
      'open',
      'open',
    ]);
  });
});
