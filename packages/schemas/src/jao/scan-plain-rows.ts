import { AnswerScan, isKey, maxKeys, maxRows } from './answer-scan.ts';
import { cellStates } from './day-answer.ts';
import {
  code,
  isExponent,
  isNumberCharacter,
  isDigit,
  isPlainDecimal,
  jsonNumber,
} from './json-characters.ts';
import type { FieldKinds } from './scan-any-rows.ts';

/** The rows of an answer that is written as the service writes, and where their array ends. */
export interface PlainScan {
  readonly scan: AnswerScan;
  /** Behind the `]`. */
  readonly endOfRows: number;
}

/** How the array of rows begins in an answer that is written as the service writes. */
export const plainStart = '{"data":[';

/** A member of a row, as the row before had it. */
interface Member {
  /** With quotes and colon. */
  readonly nameText: string;
  readonly kind: 'id' | 'time' | 'modified' | 'other' | 'series';
  /** Number of the key where the kind is `series`, else -1. */
  readonly key: number;
}

/** JSON strings have no characters below this one but escaped. */
const firstPrintable = 0x20;
/** So many digits are below 2^53, and a double holds them exactly. */
const exactDigits = 15;
/** Powers of ten up to 10^22 are exact doubles: a quotient of exact doubles is rounded once. */
const powersOfTen = Float64Array.from({ length: exactDigits + 1 }, (_, power) => 10 ** power);

/**
 * Reads rows that are written as the service writes them: no white space, no escapes, every member
 * once, series with numbers or nulls only. `undefined` for anything else, right or wrong:
 * `scanAnyRows` reads that, and would have read the same here.
 */
export function scanPlainRows(text: string, fields: FieldKinds): PlainScan | undefined {
  return text.startsWith(plainStart) ? new PlainRows(text, fields).readRows() : undefined;
}

/** A cursor over the rows, which remembers the members of the row before. */
class PlainRows {
  readonly #text: string;
  readonly #fields: FieldKinds;
  readonly #scan = new AnswerScan();
  #at = plainStart.length;
  #members: Member[] = [];
  /** The names of this row so far, as soon as it is unlike the row before. */
  #names: Set<string> | undefined;

  constructor(text: string, fields: FieldKinds) {
    this.#text = text;
    this.#fields = fields;
  }

  readRows(): PlainScan | undefined {
    const scan = this.#scan;
    if (this.#text.charCodeAt(this.#at) === code.closeBracket) {
      return { scan, endOfRows: this.#at + 1 };
    }
    while (scan.rows.length < maxRows && this.#readRow() && scan.keys.length <= maxKeys) {
      const separator = this.#text.charCodeAt(this.#at);
      this.#at += 1;
      if (separator === code.closeBracket) {
        return { scan, endOfRows: this.#at };
      }
      if (separator !== code.comma) {
        return undefined;
      }
    }
    return undefined;
  }

  /** Whether the row is plain; then it is in the scan, and the cursor behind it. */
  #readRow(): boolean {
    const [text, scan] = [this.#text, this.#scan];
    const [from, firstCell] = [this.#at, scan.cellCount];
    if (text.charCodeAt(from) !== code.openBrace) {
      return false;
    }
    this.#names = undefined;
    const known: { id?: string; time?: string; modified?: string; other?: string } = {};
    let separator: number;
    let index = 0;
    do {
      this.#at += 1;
      const member = this.#readName(index);
      if (member === undefined) {
        return false;
      }
      const valueFrom = this.#at;
      if (member.kind === 'series' ? !this.#readCell(member.key) : !this.#skipField()) {
        return false;
      }
      if (member.kind !== 'series') {
        known[member.kind] = text.slice(valueFrom, this.#at);
      }
      separator = text.charCodeAt(this.#at);
      index += 1;
    } while (separator === code.comma);
    if (separator !== code.closeBrace) {
      return false;
    }
    this.#at += 1;
    this.#members.length = index;
    scan.rows.push({
      from,
      to: this.#at,
      firstCell,
      endCell: scan.cellCount,
      memberCount: scan.cellCount - firstCell,
      breach: undefined,
      idText: known.id,
      timeText: known.time,
      modifiedText: known.modified,
      faults: [],
    });
    return true;
  }

  /** The member whose name is at the cursor, most often the one that the row before had here. */
  #readName(index: number): Member | undefined {
    const expected = this.#members[index];
    if (expected !== undefined && this.#text.startsWith(expected.nameText, this.#at)) {
      this.#at += expected.nameText.length;
      return expected;
    }
    const nameFrom = this.#at;
    if (!this.#skipString() || this.#text.charCodeAt(this.#at) !== code.colon) {
      return undefined;
    }
    this.#at += 1;
    const nameText = this.#text.slice(nameFrom, this.#at);
    this.#names ??= new Set(this.#members.slice(0, index).map((member) => member.nameText));
    if (this.#names.has(nameText)) {
      return undefined;
    }
    const member = this.#memberOf(nameText);
    if (member !== undefined) {
      this.#names.add(nameText);
      // The rest of the row before says nothing of this row any more.
      this.#members.length = index;
      this.#members.push(member);
    }
    return member;
  }

  #memberOf(nameText: string): Member | undefined {
    const name = nameText.slice(1, -2);
    const kind = this.#fields.get(name) ?? 'series';
    if (kind !== 'series') {
      return { nameText, kind, key: -1 };
    }
    return isKey(name) ? { nameText, kind, key: this.#scan.indexOfKey(name) } : undefined;
  }

  /** Reads a number or a null into the scan; false for another value, and a number that overflows. */
  #readCell(key: number): boolean {
    const text = this.#text;
    const from = this.#at;
    if (text.charCodeAt(from) === code.lowerN) {
      this.#at += 4;
      this.#scan.addCell(key, cellStates.null, 0);
      return text.startsWith('null', from);
    }
    const sign = text.charCodeAt(from) === code.minus ? 1 : 0;
    let at = from + sign;
    let digits = 0;
    let point = -1;
    let character = text.charCodeAt(at);
    while (isDigit(character) || (character === code.point && point < 0)) {
      if (character === code.point) {
        point = at;
      } else {
        digits = digits * 10 + (character - code.zero);
      }
      at += 1;
      character = text.charCodeAt(at);
    }
    const isShort = at - from <= exactDigits && !isExponent(character);
    const isPlain = isShort && isPlainDecimal(text, { from: from + sign, point, to: at });
    if (!isPlain) {
      return this.#readLongNumber(key);
    }
    const value = point < 0 ? digits : digits / (powersOfTen[at - point - 1] ?? Number.NaN);
    this.#at = at;
    this.#scan.addCell(key, cellStates.value, sign === 1 ? -value : value);
    return true;
  }

  #readLongNumber(key: number): boolean {
    const from = this.#at;
    while (isNumberCharacter(this.#text.charCodeAt(this.#at))) {
      this.#at += 1;
    }
    const raw = this.#text.slice(from, this.#at);
    const value = jsonNumber.test(raw) ? Number(raw) : Number.NaN;
    this.#scan.addCell(key, cellStates.value, value);
    return Number.isFinite(value);
  }

  /** Moves behind the value of a known field: a plain string, a number or null. */
  #skipField(): boolean {
    const from = this.#at;
    if (this.#text.charCodeAt(from) === code.quote) {
      return this.#skipString();
    }
    if (this.#text.startsWith('null', from)) {
      this.#at += 4;
      return true;
    }
    while (isNumberCharacter(this.#text.charCodeAt(this.#at))) {
      this.#at += 1;
    }
    return jsonNumber.test(this.#text.slice(from, this.#at));
  }

  /** Moves behind a string without escapes. */
  #skipString(): boolean {
    const text = this.#text;
    if (text.charCodeAt(this.#at) !== code.quote) {
      return false;
    }
    let at = this.#at + 1;
    let character = text.charCodeAt(at);
    // NaN, behind the end, ends it too.
    while (character >= firstPrintable && character !== code.quote) {
      if (character === code.backslash) {
        return false;
      }
      at += 1;
      character = text.charCodeAt(at);
    }
    this.#at = at + 1;
    return character === code.quote;
  }
}
