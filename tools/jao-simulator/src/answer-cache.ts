import { gzipSync } from 'node:zlib';

import { answerRows, answerText } from './answer-row.ts';
import { hashOf } from './cell-value.ts';
import type { SimulatedDataset } from './dataset.ts';
import type { Source } from './source.ts';
import type { Window } from './window.ts';

/** Level 1: an answer is compressed once and served often, and the first time must be quick, too. */
const gzipLevel = 1;

/** A body that is ready to be sent. */
export interface Answer {
  readonly body: Buffer;
  readonly isGzip: boolean;
  /** Another one for each publication, also when the values are the same. */
  readonly etag: string;
}

/** Builds answers, and keeps the newest of them. */
export interface AnswerCache {
  answer: (question: {
    readonly dataset: SimulatedDataset;
    readonly window: Window;
    readonly atMs: number;
    readonly wantsGzip: boolean;
  }) => Answer;
}

/** A cache of up to `maxBytes`; what was asked for longest ago goes first. */
export function createAnswerCache({
  source,
  maxBytes,
}: {
  readonly source: Source;
  readonly maxBytes: number;
}): AnswerCache {
  const kept = new Map<string, Answer & { readonly signature: string }>();
  let keptBytes = 0;

  const forget = (id: string) => {
    keptBytes -= kept.get(id)?.body.length ?? 0;
    kept.delete(id);
  };

  return {
    answer: ({ dataset, window, atMs, wantsGzip }) => {
      const id = `${dataset.name} ${window.fromMs} ${window.toMs} ${wantsGzip}`;
      const signature = source.signature(dataset, window, atMs);
      const known = kept.get(id);
      forget(id);
      const answer =
        known?.signature === signature
          ? known
          : { ...buildAnswer({ source, dataset, window, atMs, wantsGzip }), signature };
      kept.set(id, answer);
      keptBytes += answer.body.length;
      for (const [oldest] of kept) {
        if (keptBytes <= maxBytes || oldest === id) break;
        forget(oldest);
      }
      return answer;
    },
  };
}

function buildAnswer({
  source,
  dataset,
  window,
  atMs,
  wantsGzip,
}: {
  readonly source: Source;
  readonly dataset: SimulatedDataset;
  readonly window: Window;
  readonly atMs: number;
  readonly wantsGzip: boolean;
}): Answer {
  const rows = source
    .contents(dataset, window, atMs)
    .flatMap((content) => answerRows(dataset, content, window));
  const plain = Buffer.from(answerText(rows));
  const etag = hashOf(
    window.fromMs,
    window.toMs,
    dataset.name,
    source.signature(dataset, window, atMs),
  );
  return {
    body: wantsGzip ? gzipSync(plain, { level: gzipLevel }) : plain,
    isGzip: wantsGzip,
    etag: `W/"${etag.toString(16).padStart(8, '0')}"`,
  };
}
