import type { Writable } from 'node:stream';

/**
 * Writes something long piece by piece, no faster than its reader takes it. Ends early, without an
 * error, once the reader has left, as `head` does.
 */
export async function writePieces(
  output: Writable,
  pieces: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const reader = { hasLeft: false };
  const onLeave = (): void => {
    reader.hasLeft = true;
  };
  output.on('error', onLeave).on('close', onLeave);
  try {
    for await (const piece of pieces) {
      if (reader.hasLeft) {
        break;
      }
      if (!output.write(piece)) {
        await untilWritable(output);
      }
    }
  } finally {
    output.off('error', onLeave).off('close', onLeave);
  }
}

async function untilWritable(output: Writable): Promise<void> {
  const events = ['drain', 'close', 'error'] as const;
  await new Promise<void>((resolve) => {
    const onEvent = (): void => {
      for (const event of events) {
        output.off(event, onEvent);
      }
      resolve();
    };
    for (const event of events) {
      output.on(event, onEvent);
    }
  });
}
