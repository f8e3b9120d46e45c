/**
 * What went wrong with a warehouse, as far as a caller acts on it:
 * `LOCKED` another process holds it · `MISSING` there is none · `NOT_A_WAREHOUSE` some other file ·
 * `DAMAGED` its bytes are corrupt · `NEWER_STORAGE` written by a newer DuckDB · `READ_ONLY` it may
 * not be written · `DISK_FULL` · `OUT_OF_MEMORY` over the memory limit, and no room to spill ·
 * `LOST_TAIL` it holds less than its status file records · `INTERRUPTED` the caller asked it to
 * stop · `SQL` a statement is wrong · `INTERNAL` anything else.
 */
export type WarehouseErrorCode =
  | 'LOCKED'
  | 'MISSING'
  | 'NOT_A_WAREHOUSE'
  | 'DAMAGED'
  | 'NEWER_STORAGE'
  | 'READ_ONLY'
  | 'DISK_FULL'
  | 'OUT_OF_MEMORY'
  | 'LOST_TAIL'
  | 'INTERRUPTED'
  | 'SQL'
  | 'INTERNAL';

/** A failure of the warehouse; its message says what was done, where, what happened, what to do. */
export class WarehouseError extends Error {
  override readonly name = 'WarehouseError';
  readonly code: WarehouseErrorCode;
  /** The process that holds the warehouse, for `LOCKED`. */
  readonly holderProcessId: number | undefined;

  constructor(
    code: WarehouseErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly holderProcessId?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.holderProcessId = options.holderProcessId;
  }

  /** Whether the same call may succeed later without anything being changed. */
  get retryable(): boolean {
    return this.code === 'LOCKED';
  }
}

/**
 * DuckDB gives a message and nothing else, so its words are read here and nowhere else; the tests
 * provoke each of them on the engine.
 */
const messagePatterns: readonly (readonly [WarehouseErrorCode, RegExp])[] = [
  ['LOCKED', /Could not set lock on file|file is being used by another process/i],
  ['DISK_FULL', /No space left on device|Disk quota exceeded|File too large|ENOSPC|EFBIG/i],
  ['OUT_OF_MEMORY', /Out of Memory Error|max_temp_directory_size/i],
  [
    'NEWER_STORAGE',
    /newer (?:DuckDB )?version|storage version|version number \d+, but we can only/i,
  ],
  ['NOT_A_WAREHOUSE', /not a valid DuckDB database file/i],
  [
    'DAMAGED',
    /checksum|corrupt|Failure while replaying WAL|Serialization Error|Could not read enough bytes/i,
  ],
  ['READ_ONLY', /Permission denied|Read-only file system|read-only mode/i],
  ['MISSING', /database does not exist|No such file or directory/i],
  ['INTERRUPTED', /^INTERRUPT Error|Interrupted!/i],
  [
    'SQL',
    /^(?:Failed to extract statements: )?(?:Parser|Binder|Catalog|Conversion|Invalid Input|Constraint|Syntax|Permission|Out of Range|Not implemented|Mismatch Type) Error/,
  ],
];

/** The code that a DuckDB message stands for. */
export function classifyDuckDbMessage(message: string): WarehouseErrorCode {
  return messagePatterns.find(([, pattern]) => pattern.test(message))?.[0] ?? 'INTERNAL';
}

/** Wraps what DuckDB threw while doing something to a warehouse. */
export function warehouseErrorFrom(cause: unknown, doing: string): WarehouseError {
  if (cause instanceof WarehouseError) {
    return cause;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = classifyDuckDbMessage(message);
  const holder = /\(PID (\d+)\)/.exec(message)?.[1];
  return new WarehouseError(code, `${doing}: ${plainWords(code, message)}`, {
    cause,
    holderProcessId: holder === undefined ? undefined : Number(holder),
  });
}

/** One line; only of a wrong statement several, since they point at the place. */
function plainWords(code: WarehouseErrorCode, message: string): string {
  switch (code) {
    case 'SQL':
      return message;
    case 'DAMAGED':
      return (
        `${onOneLine(message)}; restore a backup, or move the warehouse away with all files of ` +
        'its name, and ingest everything again'
      );
    case 'DISK_FULL':
      return `${onOneLine(message)}; make room there`;
    case 'OUT_OF_MEMORY':
      // What follows is advice on DuckDB's own settings, which our users do not have.
      return `${message.replace(/\.?\n.*/s, '')}; allow it more memory, or make room where it spills`;
    default:
      return onOneLine(message);
  }
}

/** DuckDB ends what it takes for its own defect, a damaged file for instance, with a stack trace. */
function onOneLine(message: string): string {
  const [plain = message] = message.split(/\n(?:This error signals|\s*Stack Trace:)/);
  return plain.trim().replaceAll(/\s*\n\s*/g, ' ');
}
