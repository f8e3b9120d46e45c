import { CanonicalVote, fieldBits, requiredFieldBits, wordOf } from './canonical-vote.ts';

const comma = 0x2c;
const colon = 0x3a;
const space = 0x20;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const newline = 0x0a;
const carriageReturn = 0x0d;

const halfWordOf = (text: string): number => Buffer.from(text, 'latin1').readUInt16LE(0);

/** `"Id"` and the pieces of the other names, as the little-endian words they are compared as. */
const words = {
  id: wordOf('"Id"'),
  pos: wordOf('"Pos'),
  tId: wordOf('tId"'),
  vot: wordOf('"Vot'),
  eTyp: wordOf('eTyp'),
  eId: wordOf('eId"'),
  use: wordOf('"Use'),
  rId: wordOf('rId"'),
  cre: wordOf('"Cre'),
  atio: wordOf('atio'),
  nDat: wordOf('nDat'),
  e: halfWordOf('e"'),
  bou: wordOf('"Bou'),
  ntyA: wordOf('ntyA'),
  moun: wordOf('moun'),
  t: halfWordOf('t"'),
  null: wordOf('null'),
} as const;

/**
 * Reads one line of JSON in canonical form straight from its bytes: the known fields in any order,
 * each at most once, plain integers as numbers or strings, plain dates, at most one blank behind a
 * colon or a comma. Every other line, valid or not, is left to the strict parser, so this one needs
 * no error messages; a property test holds the two against each other.
 */
export class CanonicalLine {
  /** The last line that was read. */
  readonly vote = new CanonicalVote();

  /** Reads the line at `at`, and gives the position behind its newline, or -1: not canonical. */
  read(view: DataView, at: number): number {
    if (view.getUint8(at) !== openBrace) {
      return -1;
    }
    const { vote } = this;
    vote.begin();
    let seen = 0;
    let position = at + 1;
    for (;;) {
      const bit = this.#readField(view, position);
      if (bit === 0 || (seen & bit) !== 0) {
        return -1;
      }
      seen |= bit;
      const next = view.getUint8(vote.at);
      if (next === comma) {
        position = vote.at + (view.getUint8(vote.at + 1) === space ? 2 : 1);
      } else if (next === closeBrace) {
        break;
      } else {
        return -1;
      }
    }
    return (seen & requiredFieldBits) === requiredFieldBits ? lineEnd(view, vote.at + 1) : -1;
  }

  /** Reads the field at `at`; gives its bit, or 0: not canonical. */
  #readField(view: DataView, at: number): number {
    const { vote } = this;
    const head = view.getUint32(at, true);
    if (head === words.id) {
      return isColon(view, at + 4) ? vote.readId(view, valueStart(view, at + 5)) : 0;
    }
    const second = view.getUint32(at + 4, true);
    if (head === words.pos && second === words.tId) {
      return isColon(view, at + 8) ? vote.readPostId(view, valueStart(view, at + 9)) : 0;
    }
    if (head === words.use && second === words.rId) {
      return isColon(view, at + 8) ? this.#readUserId(view, valueStart(view, at + 9)) : 0;
    }
    const third = view.getUint32(at + 8, true);
    if (head === words.vot && second === words.eTyp && third === words.eId) {
      return isColon(view, at + 12) ? vote.readVoteTypeId(view, valueStart(view, at + 13)) : 0;
    }
    if (!isColon(view, at + 14)) {
      return 0;
    }
    const fourth = view.getUint16(at + 12, true);
    const value = valueStart(view, at + 15);
    if (head === words.cre && second === words.atio && third === words.nDat && fourth === words.e) {
      return vote.readCreationDate(view, value);
    }
    if (head === words.bou && second === words.ntyA && third === words.moun && fourth === words.t) {
      return this.#readBountyAmount(view, value);
    }
    return 0;
  }

  #readUserId(view: DataView, at: number): number {
    return this.#readNull(view, at) ? fieldBits.userId : this.vote.readUserId(view, at);
  }

  #readBountyAmount(view: DataView, at: number): number {
    return this.#readNull(view, at) ? fieldBits.bountyAmount : this.vote.readBountyAmount(view, at);
  }

  #readNull(view: DataView, at: number): boolean {
    const isNull = view.getUint32(at, true) === words.null;
    this.vote.at = isNull ? at + 4 : this.vote.at;
    return isNull;
  }
}

/** The position behind the line end at `at`; -1 where there is none. */
export function lineEnd(view: DataView, at: number): number {
  const first = view.getUint8(at);
  if (first === newline) {
    return at + 1;
  }
  return first === carriageReturn && view.getUint8(at + 1) === newline ? at + 2 : -1;
}

function isColon(view: DataView, at: number): boolean {
  return view.getUint8(at) === colon;
}

/** Where the value begins behind a colon: there, or behind one blank. */
function valueStart(view: DataView, at: number): number {
  return view.getUint8(at) === space ? at + 1 : at;
}
