import { QualityError } from '../errors.ts';

/** Postgres counts to 255 in one repetition, RE2 to 1,000 in nested ones taken together. */
const maxRepeat = 255;
const maxNestedRepeats = 1_000;
const metaCharacters = '\\^$.|?*+()[]{}';
const controlEscapes: ReadonlyMap<string, string> = new Map([
  ['n', '\\n'],
  ['r', '\\r'],
  ['t', '\\t'],
]);

/**
 * Rewrites a regular expression for the whole of a text so that RE2 (DuckDB) and Postgres find the
 * same: `.` is any character but a line feed, characters are code points, nothing depends on a locale.
 *
 * @throws {QualityError} `DECLARATION` for what is outside of the shared subset, with the place.
 */
export function sharedPattern(pattern: string): string {
  if (!pattern.isWellFormed() || pattern.includes('\0')) {
    throw new QualityError(
      'DECLARATION',
      'pattern: half a surrogate pair, or NUL, is no character',
    );
  }
  return new PatternReader(pattern).read();
}

interface Piece {
  readonly text: string;
  /** How often counted repetitions repeat what is in it, at most. */
  readonly repeats: number;
}

/** Reads one pattern, character by character. */
class PatternReader {
  readonly #pattern: string;
  readonly #characters: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    // Code points, as both engines count them.
    this.#characters = Array.from(pattern);
  }

  read(): string {
    // The whole text has to match anyhow; but `^a|b$` would mean something else without its anchors.
    const isAnchored = this.#take('^');
    const { text } = this.#alternation(0);
    const hasEndAnchor = this.#take('$');
    if (this.#peek() !== undefined) {
      this.#refuse(`${this.#peek() ?? ''} closes nothing, or stands where it means nothing`);
    }
    if ((isAnchored || hasEndAnchor) && this.#hasTopAlternatives) {
      this.#refuse('^ or $ beside |: put the alternatives in parentheses');
    }
    return text;
  }

  #hasTopAlternatives = false;

  #alternation(depth: number): Piece {
    const branches = [this.#branch(depth)];
    while (this.#take('|')) {
      branches.push(this.#branch(depth));
    }
    this.#hasTopAlternatives ||= depth === 0 && branches.length > 1;
    return {
      text: branches.map(({ text }) => text).join('|'),
      repeats: Math.max(...branches.map(({ repeats }) => repeats)),
    };
  }

  #branch(depth: number): Piece {
    const pieces: Piece[] = [];
    for (
      let next = this.#peek();
      next !== undefined && !'|)$'.includes(next);
      next = this.#peek()
    ) {
      pieces.push(this.#quantified(this.#atom(depth)));
    }
    if (pieces.length === 0) {
      this.#refuse('an empty alternative: use ?');
    }
    return {
      text: pieces.map(({ text }) => text).join(''),
      repeats: Math.max(...pieces.map(({ repeats }) => repeats)),
    };
  }

  #atom(depth: number): Piece {
    const character = this.#next();
    switch (character) {
      case '.':
        return { text: '[^\\n]', repeats: 1 };
      case '[':
        return { text: this.#characterClass(), repeats: 1 };
      case '(':
        return this.#group(depth);
      case '\\':
        return { text: this.#escape(), repeats: 1 };
      default:
        if (metaCharacters.includes(character)) {
          this.#refuse(
            `${character} stands where it means nothing; write \\${character} for itself`,
          );
        }
        return { text: character, repeats: 1 };
    }
  }

  #group(depth: number): Piece {
    if (this.#take('?') && !this.#take(':')) {
      this.#refuse('lookaround, names and options in parentheses: only (…) and (?:…) are shared');
    }
    const { text, repeats } = this.#alternation(depth + 1);
    if (!this.#take(')')) {
      this.#refuse('a parenthesis is not closed');
    }
    return { text: `(?:${text})`, repeats };
  }

  #quantified(atom: Piece): Piece {
    const quantifier = this.#quantifier();
    const next = this.#peek();
    if (quantifier.text !== '' && next !== undefined && '?*+{'.includes(next)) {
      this.#refuse('a repetition of a repetition, or one that is not greedy');
    }
    const repeats = atom.repeats * quantifier.repeats;
    if (repeats > maxNestedRepeats) {
      this.#refuse(`repetitions within repetitions of more than ${maxNestedRepeats} together`);
    }
    return { text: atom.text + quantifier.text, repeats };
  }

  #quantifier(): Piece {
    const next = this.#peek();
    if (next !== undefined && '?*+'.includes(next)) {
      return { text: this.#next(), repeats: 1 };
    }
    if (next !== '{') {
      return { text: '', repeats: 1 };
    }
    const [text, least = '', comma = '', most = ''] =
      /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#rest()) ?? [];
    const highest = Number(most === '' ? least : most);
    if (text === undefined || highest > maxRepeat || Number(least) > highest) {
      this.#refuse(`a repetition is {n}, {n,} or {n,m}, up to ${maxRepeat}`);
    }
    this.#at += text.length;
    return {
      text: `{${Number(least)}${comma}${most === '' ? '' : Number(most)}}`,
      repeats: Math.max(1, highest),
    };
  }

  /** After a backslash outside of brackets. */
  #escape(): string {
    const character = this.#next();
    const control = controlEscapes.get(character);
    if (control !== undefined) {
      return control;
    }
    if (metaCharacters.includes(character)) {
      return `\\${character}`;
    }
    if (character === '-' || character === '/') {
      return character;
    }
    return this.#refuse(
      `\\${character} is not read alike; write [0-9] for \\d, [A-Za-z0-9_] for \\w, [ \\t\\n\\r] for \\s`,
    );
  }

  /** After the opening bracket. */
  #characterClass(): string {
    let text = this.#take('^') ? '[^' : '[';
    let isEmpty = true;
    while (!this.#take(']')) {
      text += this.#classItem(isEmpty);
      isEmpty = false;
    }
    if (isEmpty) {
      this.#refuse('empty brackets');
    }
    return `${text}]`;
  }

  #classItem(isFirst: boolean): string {
    if (this.#peek() === '-') {
      const isLast = this.#characters[this.#at + 1] === ']';
      if (!isFirst && !isLast) {
        this.#refuse('- within brackets is at an end of them, or \\-');
      }
      this.#next();
      return '\\-';
    }
    const from = this.#classCharacter();
    if (this.#peek() !== '-' || this.#characters[this.#at + 1] === ']') {
      return quoteInClass(from);
    }
    this.#next();
    const to = this.#classCharacter();
    if ((from.codePointAt(0) ?? 0) > (to.codePointAt(0) ?? 0)) {
      this.#refuse(`the range ${from}-${to} has nothing in it`);
    }
    return `${quoteInClass(from)}-${quoteInClass(to)}`;
  }

  /** One character of a class, itself. */
  #classCharacter(): string {
    const character = this.#next();
    if (character === '[') {
      this.#refuse('[ within brackets: write \\[; classes such as [:digit:] depend on a locale');
    }
    if (character !== '\\') {
      return character;
    }
    const escaped = this.#next();
    const control = controlEscapes.has(escaped);
    if (!control && !`${metaCharacters}-/`.includes(escaped)) {
      this.#refuse(`\\${escaped} within brackets is not read alike`);
    }
    return control ? (unescapedControls.get(escaped) ?? escaped) : escaped;
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #next(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) {
      return this.#refuse('it ends in the middle');
    }
    this.#at += 1;
    return character;
  }

  #take(character: string): boolean {
    const isNext = this.#characters[this.#at] === character;
    this.#at += isNext ? 1 : 0;
    return isNext;
  }

  #rest(): string {
    return this.#characters.slice(this.#at).join('');
  }

  #refuse(why: string): never {
    throw new QualityError(
      'DECLARATION',
      `pattern ${JSON.stringify(this.#pattern)}, at character ${this.#at + 1}: ${why}`,
    );
  }
}

const unescapedControls: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function quoteInClass(character: string): string {
  return '\\]^-['.includes(character) ? `\\${character}` : character;
}
