import { daysSinceEpoch, isCalendarDay } from '@sluice/schemas';

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const colon = 0x3a;
const zero = 0x30;
const one = 0x31;
const space = 0x20;
const dot = 0x2e;
const timeMark = 0x54;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const newline = 0x0a;
const carriageReturn = 0x0d;

const maxSmallInt = 32_767;
const maxInteger = 2 ** 31 - 1;
/** Fifteen digits stay below 2^53, so that a double holds them exactly. */
const maxDigits = 15;

const microsecondsPerDay = 86_400_000_000;
/** Up to this year, and from 1970 on, microseconds stay below 2^53. */
const firstYear = 1970;
const lastYear = 2250;

/** Bits of the fields seen in a line. */
const field = { id: 1, postId: 2, voteTypeId: 4, userId: 8, creationDate: 16, bounty: 32 } as const;
const requiredFields = field.id | field.postId | field.voteTypeId | field.creationDate;

const word = (text: string): number => Buffer.from(text, 'latin1').readUInt32LE(0);
const halfWord = (text: string): number => Buffer.from(text, 'latin1').readUInt16LE(0);

/** `"Id"` and the beginnings of the other names, as the little-endian words they are compared as. */
const words = {
  id: word('"Id"'),
  pos: word('"Pos'),
  tId: word('tId"'),
  vot: word('"Vot'),
  eTyp: word('eTyp'),
  eId: word('eId"'),
  use: word('"Use'),
  rId: word('rId"'),
  cre: word('"Cre'),
  atio: word('atio'),
  nDat: word('nDat'),
  e: halfWord('e"'),
  bou: word('"Bou'),
  ntyA: word('ntyA'),
  moun: word('moun'),
  t: halfWord('t"'),
  null: word('null'),
  midnightHour: word('T00:'),
  midnightMinute: word('00:0'),
  midnightSecond: word('0.00'),
  midnightEnd: halfWord('0"'),
} as const;

/**
 * Reads one line of JSON in canonical form straight from its bytes: the known fields in any order,
 * each at most once, plain integers as numbers or strings, plain dates, at most one blank behind a
 * colon or a comma. Every other line, valid or not, is left to the strict parser, so this one needs
 * no error messages; a property test holds the two against each other.
 *
 * The fields hold the last line that was read.
 */
export class CanonicalLine {
  id = 0;
  postId = 0;
  voteTypeId = 0;
  /** 0 where there is none; -1 is a deleted user. */
  userId = 0;
  /** -1 where there is none. */
  bountyAmount = 0;
  /** Microseconds since 1970-01-01 UTC. */
  createdMicroseconds = 0;

  #at = 0;
  #dateHead = 0;
  #dateTail = 0;
  #dateLast = 0;
  #dateMicroseconds = 0;

  /** Reads the line at `at`, and gives the position behind its newline, or -1: not canonical. */
  read(view: DataView, at: number): number {
    if (view.getUint8(at) !== openBrace) {
      return -1;
    }
    this.userId = 0;
    this.bountyAmount = -1;
    let seen = 0;
    this.#at = at + 1;
    for (;;) {
      const bit = this.#readField(view);
      if (bit === 0 || (seen & bit) !== 0) {
        return -1;
      }
      seen |= bit;
      const next = view.getUint8(this.#at);
      if (next === comma) {
        this.#at += view.getUint8(this.#at + 1) === space ? 2 : 1;
      } else if (next === closeBrace) {
        break;
      } else {
        return -1;
      }
    }
    if ((seen & requiredFields) !== requiredFields) {
      return -1;
    }
    const lineEnd = this.#at + 1;
    if (view.getUint8(lineEnd) === newline) {
      return lineEnd + 1;
    }
    const isReturn =
      view.getUint8(lineEnd) === carriageReturn && view.getUint8(lineEnd + 1) === newline;
    return isReturn ? lineEnd + 2 : -1;
  }

  /** Reads a field at the position and moves behind it; gives its bit, or 0: not canonical. */
  #readField(view: DataView): number {
    const at = this.#at;
    const head = view.getUint32(at, true);
    if (head === words.id) {
      this.id = this.#readInteger(view, at + 4);
      return this.id >= 1 ? field.id : 0;
    }
    const second = view.getUint32(at + 4, true);
    if (head === words.pos && second === words.tId) {
      this.postId = this.#readInteger(view, at + 8);
      return this.postId >= 1 ? field.postId : 0;
    }
    if (head === words.use && second === words.rId) {
      return this.#readUser(view, at + 8);
    }
    const third = view.getUint32(at + 8, true);
    if (head === words.vot && second === words.eTyp && third === words.eId) {
      this.voteTypeId = this.#readInteger(view, at + 12);
      return this.voteTypeId >= 1 && this.voteTypeId <= maxSmallInt ? field.voteTypeId : 0;
    }
    const fourth = view.getUint16(at + 12, true);
    if (head === words.cre && second === words.atio && third === words.nDat && fourth === words.e) {
      return this.#readTimestamp(view, at + 14) ? field.creationDate : 0;
    }
    if (head === words.bou && second === words.ntyA && third === words.moun && fourth === words.t) {
      return this.#readBounty(view, at + 14);
    }
    return 0;
  }

  #readUser(view: DataView, at: number): number {
    const value = valueStart(view, at);
    if (value > 0 && view.getUint32(value, true) === words.null) {
      this.#at = value + 4;
      return field.userId;
    }
    if (
      value > 0 &&
      view.getUint8(value) === quote &&
      view.getUint8(value + 1) === minus &&
      view.getUint8(value + 2) === one &&
      view.getUint8(value + 3) === quote
    ) {
      this.userId = -1;
      this.#at = value + 4;
      return field.userId;
    }
    this.userId = this.#readInteger(view, at);
    return this.userId >= 1 ? field.userId : 0;
  }

  #readBounty(view: DataView, at: number): number {
    const value = valueStart(view, at);
    if (value > 0 && view.getUint32(value, true) === words.null) {
      this.#at = value + 4;
      return field.bounty;
    }
    this.bountyAmount = this.#readInteger(view, at);
    return this.bountyAmount >= 0 && this.bountyAmount <= maxInteger ? field.bounty : 0;
  }

  /** The integer behind the colon at `at`, bare or in quotes; -1: not a canonical one. */
  #readInteger(view: DataView, at: number): number {
    let position = valueStart(view, at);
    if (position < 0) {
      return -1;
    }
    const isQuoted = view.getUint8(position) === quote;
    position += isQuoted ? 1 : 0;
    const first = position;
    let value = view.getUint8(position) - zero;
    if (value < 0 || value > 9) {
      return -1;
    }
    position += 1;
    for (;;) {
      const digit = view.getUint8(position) - zero;
      if (digit < 0 || digit > 9) {
        break;
      }
      value = value * 10 + digit;
      position += 1;
      if (position - first > maxDigits) {
        return -1;
      }
    }
    const hasLeadingZero = view.getUint8(first) === zero && position - first > 1;
    if (hasLeadingZero || (isQuoted && view.getUint8(position) !== quote)) {
      return -1;
    }
    this.#at = position + (isQuoted ? 1 : 0);
    return value;
  }

  #readTimestamp(view: DataView, at: number): boolean {
    const start = valueStart(view, at);
    if (start < 0 || view.getUint8(start) !== quote || !this.#readDate(view, start + 1)) {
      return false;
    }
    const time = start + 11;
    if (
      view.getUint32(time, true) === words.midnightHour &&
      view.getUint32(time + 4, true) === words.midnightMinute &&
      view.getUint32(time + 8, true) === words.midnightSecond &&
      view.getUint16(time + 12, true) === words.midnightEnd
    ) {
      this.createdMicroseconds = this.#dateMicroseconds;
      this.#at = time + 14;
      return true;
    }
    return this.#readTimeOfDay(view, time);
  }

  /** Sets the day's microseconds; neighbouring votes share a day, so the last one is kept. */
  #readDate(view: DataView, at: number): boolean {
    const head = view.getUint32(at, true);
    const tail = view.getUint32(at + 4, true);
    const last = view.getUint16(at + 8, true);
    if (head === this.#dateHead && tail === this.#dateTail && last === this.#dateLast) {
      return true;
    }
    const year = twoDigits(view, at) * 100 + twoDigits(view, at + 2);
    const month = twoDigits(view, at + 5);
    const day = twoDigits(view, at + 8);
    const isDate =
      view.getUint8(at + 4) === minus &&
      view.getUint8(at + 7) === minus &&
      year >= firstYear &&
      year <= lastYear &&
      isCalendarDay(year, month, day);
    if (!isDate) {
      return false;
    }
    this.#dateHead = head;
    this.#dateTail = tail;
    this.#dateLast = last;
    this.#dateMicroseconds = daysSinceEpoch(year, month, day) * microsecondsPerDay;
    return true;
  }

  /** `"` or `THH:MM:SS"` or `THH:MM:SS.f"` with one to six digits. */
  #readTimeOfDay(view: DataView, at: number): boolean {
    this.createdMicroseconds = this.#dateMicroseconds;
    if (view.getUint8(at) === quote) {
      this.#at = at + 1;
      return true;
    }
    const hour = twoDigits(view, at + 1);
    const minute = twoDigits(view, at + 4);
    const second = twoDigits(view, at + 7);
    const isTime =
      view.getUint8(at) === timeMark &&
      view.getUint8(at + 3) === colon &&
      view.getUint8(at + 6) === colon &&
      hour <= 23 &&
      minute <= 59 &&
      second <= 59;
    // A part that is no two digits is NaN, which no comparison above lets through.
    if (!isTime) {
      return false;
    }
    this.createdMicroseconds += (hour * 3600 + minute * 60 + second) * 1_000_000;
    let position = at + 9;
    if (view.getUint8(position) === dot) {
      position += 1;
      let weight = 100_000;
      for (let digit = digitAt(view, position); digit >= 0; digit = digitAt(view, position)) {
        if (weight < 1) {
          return false;
        }
        this.createdMicroseconds += digit * weight;
        weight /= 10;
        position += 1;
      }
      if (position === at + 10) {
        return false;
      }
    }
    this.#at = position + 1;
    return view.getUint8(position) === quote;
  }
}

/** Where the value begins behind a colon and at most one blank; -1 where there is no colon. */
function valueStart(view: DataView, at: number): number {
  if (view.getUint8(at) !== colon) {
    return -1;
  }
  return view.getUint8(at + 1) === space ? at + 2 : at + 1;
}

function digitAt(view: DataView, at: number): number {
  const digit = view.getUint8(at) - zero;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

function twoDigits(view: DataView, at: number): number {
  const tens = digitAt(view, at);
  const units = digitAt(view, at + 1);
  return tens < 0 || units < 0 ? Number.NaN : tens * 10 + units;
}
