import { Writable } from 'node:stream';
import { expect, test } from 'vitest';

import { writePieces } from '../../src/output/write-pieces.ts';

/** A stream with room for one piece, which calls `take` for each and takes it when it is told. */
function makeNarrowStream(take: (piece: string, taken: (error?: Error) => void) => void) {
  const stream = new Writable({
    decodeStrings: false,
    highWaterMark: 1,
    write: (piece: string, _, taken) => {
      take(piece, taken);
    },
  });
  // What is used of a terminal's stream here is what every Writable has.
  return stream as unknown as NodeJS.WriteStream;
}

async function* pieces(onMade: (index: number) => void): AsyncGenerator<string> {
  for (let index = 0; index < 1000; index += 1) {
    onMade(index);
    yield await Promise.resolve(`${index}\n`);
  }
}

test('no piece is made before the one before it was taken', async () => {
  let takenCount = 0;
  const stream = makeNarrowStream((_, taken) => {
    setImmediate(() => {
      takenCount += 1;
      taken();
    });
  });
  await writePieces(
    stream,
    pieces((index) => {
      expect(takenCount).toBe(index);
    }),
  );
  expect(takenCount).toBe(1000);
});

test('a reader that leaves ends the writing without an error', async () => {
  let madeCount = 0;
  const stream = makeNarrowStream((_, taken) => {
    taken(madeCount < 3 ? undefined : Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  });
  stream.on('error', () => undefined);
  await writePieces(
    stream,
    pieces((index) => {
      madeCount = index + 1;
    }),
  );
  expect(madeCount).toBeLessThan(10);
});
