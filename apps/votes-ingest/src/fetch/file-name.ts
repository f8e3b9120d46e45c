const fallbackName = 'download';

// Leaves room for the endings of our own files beside it within the 255 bytes that file systems allow.
const longestNameBytes = 200;

export interface NameSource {
  readonly url: URL;
  readonly contentDisposition?: string | undefined;
}

/**
 * The name that a download gets: the one in `Content-Disposition`, else the URL's last path segment, else
 * `download`; made safe by {@link sanitizeFileName}.
 */
export function chooseFileName({ url, contentDisposition }: NameSource): string {
  const candidates = [
    contentDisposition === undefined ? undefined : readDispositionName(contentDisposition),
    decodePercent(url.pathname.split('/').at(-1) ?? ''),
  ];
  for (const candidate of candidates) {
    const name = sanitizeFileName(candidate ?? '');
    if (name !== '') {
      return name;
    }
  }
  return fallbackName;
}

/**
 * The last path segment of `raw` as a file name that is safe on every system: no separators, no leading dot,
 * no control or direction characters, none of `<>:"|?*`, no reserved Windows name, not the name of one of
 * our own side files, and at most 200 bytes with its extensions kept. Empty if nothing is left.
 */
export function sanitizeFileName(raw: string): string {
  const lastSegment = raw.split(/[/\\]/).at(-1) ?? '';
  const name = lastSegment
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/gu, '_')
    .replace(/^[.\s]+/u, '')
    .replace(/[.\s]+$/u, '');
  return shortenName(avoidReservedName(name));
}

function avoidReservedName(name: string): string {
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu.test(name)) {
    return `_${name}`;
  }
  return /\.part(?:\.[a-z]+)?$/iu.test(name) ? `${name}_` : name;
}

function shortenName(name: string): string {
  if (Buffer.byteLength(name) <= longestNameBytes) {
    return name;
  }
  const extension = /(?:\.[a-z0-9]{1,8}){1,2}$/iu.exec(name)?.[0] ?? '';
  const stemBytes = longestNameBytes - Buffer.byteLength(extension);
  let stem = '';
  let bytes = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > stemBytes) {
      break;
    }
    stem += character;
  }
  return `${stem}${extension}`;
}

/** RFC 6266: `filename*` (RFC 8187) goes before `filename`, which is a token or a quoted string. */
function readDispositionName(header: string): string | undefined {
  const extended = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/iu.exec(header)?.[1];
  if (extended !== undefined) {
    return decodePercent(extended);
  }
  const quoted = /;\s*filename\s*=\s*"((?:[^"\\]|\\.)*)"/iu.exec(header)?.[1];
  return quoted === undefined
    ? /;\s*filename\s*=\s*([^;"\s]+)/iu.exec(header)?.[1]
    : quoted.replaceAll(/\\(.)/gu, '$1');
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: the text is a name as it is.
    return text;
  }
}
