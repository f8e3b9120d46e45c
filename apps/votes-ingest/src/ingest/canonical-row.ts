import { CanonicalVote, requiredFieldBits, wordOf } from './canonical-vote.ts';
import { lineEnd } from './canonical-line.ts';

const space = 0x20;
const slash = 0x2f;
const greaterThan = 0x3e;
const equals = 0x3d;
const quote = 0x22;

/** The pieces of the element's and the attributes' names, as the words they are compared as. */
const words = {
  row: wordOf('<row'),
  id: wordOf('Id="') & 0xffffff,
  post: wordOf('Post'),
  vote: wordOf('Vote'),
  type: wordOf('Type'),
  user: wordOf('User'),
  crea: wordOf('Crea'),
  tion: wordOf('tion'),
  date: wordOf('Date'),
  boun: wordOf('Boun'),
  tyAm: wordOf('tyAm'),
  ount: wordOf('ount'),
} as const;

/**
 * Reads one `<row … />` of the public dump in canonical form straight from its bytes: blanks before
 * it, the known attributes in any order, each at most once, in double quotes with one blank before
 * them, plain integers and dates. Every other line is left to the strict parser.
 */
export class CanonicalRow {
  /** The last row that was read. */
  readonly vote = new CanonicalVote();

  /** Reads the line at `at`, and gives the position behind its newline, or -1: not canonical. */
  read(view: DataView, at: number): number {
    const { vote } = this;
    let position = at;
    while (view.getUint8(position) === space) {
      position += 1;
    }
    if (view.getUint32(position, true) !== words.row) {
      return -1;
    }
    vote.begin();
    vote.at = position + 4;
    let seen = 0;
    while (view.getUint8(vote.at) === space && view.getUint8(vote.at + 1) !== slash) {
      const bit = this.#readAttribute(view, vote.at + 1);
      if (bit === 0 || (seen & bit) !== 0) {
        return -1;
      }
      seen |= bit;
    }
    const end = view.getUint8(vote.at) === space ? vote.at + 1 : vote.at;
    const isClosed = view.getUint8(end) === slash && view.getUint8(end + 1) === greaterThan;
    const isWhole = isClosed && (seen & requiredFieldBits) === requiredFieldBits;
    return isWhole ? lineEnd(view, end + 2) : -1;
  }

  /** Reads the attribute at `at`; gives its field's bit, or 0: not canonical. */
  #readAttribute(view: DataView, at: number): number {
    const { vote } = this;
    const head = view.getUint32(at, true);
    if ((head & 0xffffff) === words.id) {
      return isQuoted(view, at + 2) ? vote.readId(view, at + 3) : 0;
    }
    const second = view.getUint32(at + 4, true);
    const isIdNext = (second & 0xffffff) === words.id;
    if (isIdNext && head === words.post) {
      return isQuoted(view, at + 6) ? vote.readPostId(view, at + 7) : 0;
    }
    if (isIdNext && head === words.user) {
      return isQuoted(view, at + 6) ? vote.readUserId(view, at + 7) : 0;
    }
    const third = view.getUint32(at + 8, true);
    if (head === words.vote && second === words.type && (third & 0xffffff) === words.id) {
      return isQuoted(view, at + 10) ? vote.readVoteTypeId(view, at + 11) : 0;
    }
    if (!isQuoted(view, at + 12)) {
      return 0;
    }
    if (head === words.crea && second === words.tion && third === words.date) {
      return vote.readCreationDate(view, at + 13);
    }
    if (head === words.boun && second === words.tyAm && third === words.ount) {
      return vote.readBountyAmount(view, at + 13);
    }
    return 0;
  }
}

function isQuoted(view: DataView, at: number): boolean {
  return view.getUint8(at) === equals && view.getUint8(at + 1) === quote;
}
