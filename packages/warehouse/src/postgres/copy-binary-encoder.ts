/** Postgres counts time from 2000-01-01, in microseconds and in days. */
const postgresEpochMs = 946_684_800_000;
const msPerDay = 86_400_000;
const twoTo32 = 4_294_967_296;

const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const nullLength = -1;
const trailer = -1;

/** Enough for the header, and for what a field of fixed width takes with its length. */
const maxFixedFieldBytes = 4 + 16;

/**
 * Writes rows in the binary form of COPY, into one buffer that is handed out by {@link take}: for
 * `copyIn`, where text would cost more than the rest of a load. Each row is `row()` and then its
 * fields in the order of the columns; null is a value of every field. The caller keeps to the
 * columns' types: Postgres takes the bytes as they are, and refuses a wrong length.
 */
export class CopyBinaryEncoder {
  readonly #fieldCount: number;
  readonly #chunkBytes: number;
  readonly #rowBytes: number;
  #buffer: Buffer;
  #view: DataView;
  #length = 0;
  #isBegun = false;

  /** `chunkBytes`: how much is gathered before {@link isFull} says so. */
  constructor(fieldCount: number, chunkBytes = 256 * 1024) {
    this.#fieldCount = fieldCount;
    this.#chunkBytes = chunkBytes;
    this.#rowBytes = 2 + fieldCount * maxFixedFieldBytes;
    this.#buffer = Buffer.allocUnsafeSlow(chunkBytes + this.#rowBytes);
    this.#view = viewOf(this.#buffer);
  }

  /** Whether it is time to {@link take} what was written; writing more is allowed. */
  get isFull(): boolean {
    return this.#length >= this.#chunkBytes;
  }

  /** Begins a row. */
  row(): void {
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#append(signature);
    }
    // Room for all fields of fixed width at once, so that they need not look.
    this.#reserve(this.#rowBytes);
    this.#view.setInt16(this.#length, this.#fieldCount);
    this.#length += 2;
  }

  null(): void {
    this.#view.setInt32(this.#length, nullLength);
    this.#length += 4;
  }

  bool(value: boolean | null): void {
    if (value === null) {
      this.null();
      return;
    }
    this.#view.setInt32(this.#length, 1);
    this.#view.setUint8(this.#length + 4, value ? 1 : 0);
    this.#length += 5;
  }

  int2(value: number | null): void {
    if (value === null) {
      this.null();
      return;
    }
    this.#view.setInt32(this.#length, 2);
    this.#view.setInt16(this.#length + 4, value);
    this.#length += 6;
  }

  int4(value: number | null): void {
    if (value === null) {
      this.null();
      return;
    }
    this.#view.setInt32(this.#length, 4);
    this.#view.setInt32(this.#length + 4, value);
    this.#length += 8;
  }

  int8(value: number | bigint | null): void {
    if (value === null) {
      this.null();
      return;
    }
    if (typeof value === 'bigint') {
      this.#view.setInt32(this.#length, 8);
      this.#view.setBigInt64(this.#length + 4, value);
      this.#length += 12;
      return;
    }
    this.#wholeNumber(value);
  }

  float8(value: number | null): void {
    if (value === null) {
      this.null();
      return;
    }
    this.#view.setInt32(this.#length, 8);
    this.#view.setFloat64(this.#length + 4, value);
    this.#length += 12;
  }

  /** An instant, in milliseconds since 1970. */
  timestamptz(valueMs: number | null): void {
    if (valueMs === null) {
      this.null();
      return;
    }
    const sinceUs = (valueMs - postgresEpochMs) * 1000;
    if (Number.isSafeInteger(sinceUs)) {
      this.#wholeNumber(sinceUs);
    } else {
      // Beyond the year 2285; of what is no whole number, BigInt says so.
      this.int8(BigInt(valueMs - postgresEpochMs) * 1000n);
    }
  }

  /** A date and time of day without a zone, in microseconds since 1970-01-01 00:00. */
  timestamp(valueUs: number | null): void {
    if (valueUs === null) {
      this.null();
      return;
    }
    this.#wholeNumber(valueUs - postgresEpochMs * 1000);
  }

  /** A calendar day, as `YYYY-MM-DD`. */
  date(value: string | null): void {
    if (value === null) {
      this.null();
      return;
    }
    const days = (Date.parse(`${value}T00:00:00Z`) - postgresEpochMs) / msPerDay;
    if (!Number.isInteger(days)) {
      throw new RangeError(`a date must be YYYY-MM-DD, not ${value}`);
    }
    this.int4(days);
  }

  /** @throws {RangeError} for a NUL, which Postgres can not store in a text. */
  text(value: string | null): void {
    if (value === null) {
      this.null();
      return;
    }
    if (value.includes('\0')) {
      throw new RangeError('a text for Postgres must not contain NUL');
    }
    this.#reserve(4 + value.length * 3 + this.#rowBytes);
    const bytes = this.#buffer.write(value, this.#length + 4, 'utf8');
    this.#view.setInt32(this.#length, bytes);
    this.#length += 4 + bytes;
  }

  bytea(value: Uint8Array | null): void {
    if (value === null) {
      this.null();
      return;
    }
    this.#reserve(4 + value.length + this.#rowBytes);
    this.#view.setInt32(this.#length, value.length);
    this.#length += 4;
    this.#append(value);
  }

  /** 8-4-4-4-12 hexadecimal digits. */
  uuid(value: string | null): void {
    if (value === null) {
      this.null();
      return;
    }
    this.#view.setInt32(this.#length, 16);
    const bytes = this.#buffer.write(value.replaceAll('-', ''), this.#length + 4, 16, 'hex');
    if (bytes !== 16) {
      throw new RangeError(`not a UUID: ${value}`);
    }
    this.#length += 20;
  }

  /** What was written since the last time; empty where nothing was. */
  take(): Buffer {
    const chunk = this.#buffer.subarray(0, this.#length);
    // The one handed out is on its way to a socket: it is never written to again.
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(this.#chunkBytes + this.#rowBytes, 1));
    this.#view = viewOf(this.#buffer);
    this.#length = 0;
    return chunk;
  }

  /** Ends the rows, and gives what {@link take} would. */
  finish(): Buffer {
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#append(signature);
    }
    this.#reserve(2);
    this.#view.setInt16(this.#length, trailer);
    this.#length += 2;
    return this.take();
  }

  /** Eight bytes of a number that is whole and safe; a bigint for each would double the time. */
  #wholeNumber(value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`an int8 must be a whole number that is exact, not ${value}`);
    }
    const high = Math.floor(value / twoTo32);
    this.#view.setInt32(this.#length, 8);
    this.#view.setInt32(this.#length + 4, high);
    this.#view.setUint32(this.#length + 8, value - high * twoTo32);
    this.#length += 12;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) {
      return;
    }
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}
