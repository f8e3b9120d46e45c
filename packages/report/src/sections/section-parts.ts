import { html } from '../html/html.ts';
import type { Child, Html } from '../html/html.ts';

/** What a section is called, and by what links find it. */
export interface SectionName {
  readonly id: string;
  readonly heading: string;
}

/** A section of the page, which is a landmark by its heading. */
export function sectionElement({ id, heading }: SectionName, ...content: readonly Child[]): Html {
  return html`<section id="${id}" aria-labelledby="${`${id}-heading`}">
    <h2 id="${`${id}-heading`}">${heading}</h2>
    ${content}
  </section>`;
}

/** What is wider than a phone scrolls by itself, also by keyboard, and the page does not. */
export function scrollBox(label: string, content: Child): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">
    ${content}
  </div>`;
}

/** A chart with what is said below it. */
export function figureElement(label: string, chart: Html, caption: Child): Html {
  return html`<figure>
    ${scrollBox(label, chart)}
    <figcaption>${caption}</figcaption>
  </figure>`;
}

/** A column of a table. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => Child;
  /** `number` is set to the right, in figures of one width; `key` names the row. */
  readonly kind?: 'text' | 'number' | 'key' | 'wide' | 'small' | undefined;
}

/** A table with a caption; the column of kind `key` has the rows' names. */
export function tableElement<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Html {
  const head = columns.map(
    ({ head: name, kind }) => html`<th scope="col" class="${kind ?? 'text'}">${name}</th>`,
  );
  const body = rows.map(
    (row) =>
      html`<tr>
        ${columns.map(({ cell, kind }) =>
          kind === 'key'
            ? html`<th scope="row" class="key">${cell(row)}</th>`
            : html`<td class="${kind ?? 'text'}">${cell(row)}</td>`,
        )}
      </tr> `,
  );
  return scrollBox(
    caption,
    html`<table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>`,
  );
}

/** What is left to say: each note a paragraph. */
export function notesElement(notes: readonly string[] = []): Child {
  return notes.map((note) => html`<p class="note">${note}</p>`);
}

/** Why there is nothing to see, and what to do. */
export function emptyElement(hint: string): Html {
  return html`<p class="empty">${hint}</p>`;
}

/** Names out of data, such as keys and commands. */
export function code(text: string): Html {
  return html`<code>${text}</code>`;
}

/** A word in the colour of its tone, with a mark that needs no colours. */
export function badge(style: string, mark: string, word: string): Html {
  return html`<span class="${`badge ${style}`}"
    ><span aria-hidden="true">${mark}</span> ${word}</span
  >`;
}
