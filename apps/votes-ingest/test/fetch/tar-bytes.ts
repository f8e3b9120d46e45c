import { gzipSync } from 'node:zlib';

import { Header, type HeaderData } from 'tar';

const blockBytes = 512;
const endMark = Buffer.alloc(2 * blockBytes);

export interface TarEntry extends HeaderData {
  readonly path: string;
  readonly body?: string | Buffer;
}

/** A tar archive of exactly these entries, however hostile, with its end mark. */
export function makeTar(...entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(encodeEntry), endMark]);
}

export function makeTarGz(...entries: readonly TarEntry[]): Buffer {
  return gzipSync(makeTar(...entries));
}

function encodeEntry({ body = '', ...data }: TarEntry): Buffer {
  const bytes = Buffer.from(body);
  const header = new Header({ type: 'File', mode: 0o644, size: bytes.length, ...data });
  header.encode();
  const padding = Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes);
  return Buffer.concat([header.block ?? Buffer.alloc(0), bytes, padding]);
}
