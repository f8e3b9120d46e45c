import { splitInvisible, visibleText } from './visible-text.ts';

/** Markup that this package made. What else goes into a page is text, and is escaped. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What a template may hold: markup, or text out of data; absent is nothing. */
export type Child = Html | string | number | undefined | null | readonly Child[];

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Markup with text in it, which is escaped; invisible characters in it become escapes that are seen.
 * What stands behind `="` is the value of an attribute, and has to be text.
 */
export function html(strings: TemplateStringsArray, ...children: readonly Child[]): Html {
  let markup = strings[0] ?? '';
  children.forEach((child, index) => {
    const isAttribute = strings[index]?.endsWith('="') === true;
    markup += isAttribute ? attributeText(child) : markupOf(child);
    markup += strings[index + 1] ?? '';
  });
  return new Html(markup);
}

/** Text that is known to be markup already, such as a drawing of the charting library. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

/** Escapes what means something in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => references[character] ?? character);
}

function attributeText(child: Child): string {
  if (typeof child !== 'string' && typeof child !== 'number') {
    throw new TypeError(`an attribute has to be text, and is ${typeof child}`);
  }
  return escapeHtml(visibleText(String(child)));
}

function markupOf(child: Child): string {
  if (child === undefined || child === null) {
    return '';
  }
  if (child instanceof Html) {
    return child.markup;
  }
  if (typeof child === 'object') {
    return child.map(markupOf).join('');
  }
  return splitInvisible(String(child))
    .map(({ text, isEscape }) =>
      isEscape ? `<span class="escape">${escapeHtml(text)}</span>` : escapeHtml(text),
    )
    .join('');
}
