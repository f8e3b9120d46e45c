import { daysSinceEpoch, isCalendarDay } from '@sluice/schemas';

const quote = 0x22;
const minus = 0x2d;
const colon = 0x3a;
const zero = 0x30;
const one = 0x31;
const dot = 0x2e;
const timeMark = 0x54;

const maxSmallInt = 32_767;
const maxInteger = 2 ** 31 - 1;
/** Fifteen digits stay below 2^53, so that a double holds them exactly. */
const maxDigits = 15;

const microsecondsPerDay = 86_400_000_000;
/** Up to this year, and from 1970 on, microseconds stay below 2^53. */
const firstYear = 1970;
const lastYear = 2250;

/** `T00:00:00.000"` as the little-endian words it is compared as. */
const midnight = {
  hour: wordOf('T00:'),
  minute: wordOf('00:0'),
  second: wordOf('0.00'),
  end: Buffer.from('0"', 'latin1').readUInt16LE(0),
} as const;

/** Four characters as the little-endian word that a DataView reads. */
export function wordOf(text: string): number {
  return Buffer.from(text, 'latin1').readUInt32LE(0);
}

/** The bits of the fields of a vote. */
export const fieldBits = {
  id: 1,
  postId: 2,
  voteTypeId: 4,
  userId: 8,
  creationDate: 16,
  bountyAmount: 32,
} as const;

/** The fields that no vote lacks. */
export const requiredFieldBits =
  fieldBits.id | fieldBits.postId | fieldBits.voteTypeId | fieldBits.creationDate;

/**
 * The fields of one canonical record, and the readers of their values: plain integers, bare or in
 * quotes, and plain dates. Each reader begins at a value, leaves `at` behind it, and gives the
 * field's bit, or 0 where the value is not canonical.
 */
export class CanonicalVote {
  id = 0;
  postId = 0;
  voteTypeId = 0;
  /** 0 where there is none; -1 is a deleted user. */
  userId = 0;
  /** -1 where there is none. */
  bountyAmount = -1;
  /** Microseconds since 1970-01-01 UTC. */
  createdMicroseconds = 0;
  /** The position behind the value that was read last. */
  at = 0;

  #dateHead = 0;
  #dateTail = 0;
  #dateLast = 0;
  #dateMicroseconds = 0;

  /** Forgets the fields that a record may lack. */
  begin(): void {
    this.userId = 0;
    this.bountyAmount = -1;
  }

  readId(view: DataView, at: number): number {
    this.id = this.#readInteger(view, at);
    return this.id >= 1 ? fieldBits.id : 0;
  }

  readPostId(view: DataView, at: number): number {
    this.postId = this.#readInteger(view, at);
    return this.postId >= 1 ? fieldBits.postId : 0;
  }

  readVoteTypeId(view: DataView, at: number): number {
    this.voteTypeId = this.#readInteger(view, at);
    return this.voteTypeId >= 1 && this.voteTypeId <= maxSmallInt ? fieldBits.voteTypeId : 0;
  }

  readUserId(view: DataView, at: number): number {
    if (
      view.getUint8(at) === quote &&
      view.getUint8(at + 1) === minus &&
      view.getUint8(at + 2) === one &&
      view.getUint8(at + 3) === quote
    ) {
      this.userId = -1;
      this.at = at + 4;
      return fieldBits.userId;
    }
    this.userId = this.#readInteger(view, at);
    return this.userId >= 1 ? fieldBits.userId : 0;
  }

  readBountyAmount(view: DataView, at: number): number {
    this.bountyAmount = this.#readInteger(view, at);
    const isInRange = this.bountyAmount >= 0 && this.bountyAmount <= maxInteger;
    return isInRange ? fieldBits.bountyAmount : 0;
  }

  readCreationDate(view: DataView, at: number): number {
    if (view.getUint8(at) !== quote || !this.#readDate(view, at + 1)) {
      return 0;
    }
    const time = at + 11;
    if (
      view.getUint32(time, true) === midnight.hour &&
      view.getUint32(time + 4, true) === midnight.minute &&
      view.getUint32(time + 8, true) === midnight.second &&
      view.getUint16(time + 12, true) === midnight.end
    ) {
      this.createdMicroseconds = this.#dateMicroseconds;
      this.at = time + 14;
      return fieldBits.creationDate;
    }
    return this.#readTimeOfDay(view, time) ? fieldBits.creationDate : 0;
  }

  /** The integer at `at`, bare or in quotes; -1: not a canonical one. */
  #readInteger(view: DataView, at: number): number {
    const isQuoted = view.getUint8(at) === quote;
    const first = isQuoted ? at + 1 : at;
    let position = first;
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
    this.at = position + (isQuoted ? 1 : 0);
    return value;
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
      this.at = at + 1;
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
    this.at = position + 1;
    return view.getUint8(position) === quote;
  }
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
