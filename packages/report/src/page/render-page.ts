import { createHash } from 'node:crypto';

import { escapeHtml, html, trusted } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import { visibleText } from '../html/visible-text.ts';
import type { ReportDocument } from '../report-document.ts';
import { pageHead } from './page-head.ts';
import { pageStyle } from './style.ts';

/** A rendered section, with what the page's contents say of it. */
export interface RenderedSection {
  readonly id: string;
  readonly heading: string;
  readonly markup: Html;
}

/**
 * Puts the page together. Its policy allows this style and nothing else: no script, no font, no image,
 * no connection, whatever data would like to bring.
 */
export function renderPage(document: ReportDocument, sections: readonly RenderedSection[]): string {
  const styleHash = createHash('sha256').update(pageStyle).digest('base64');
  // As one piece: the hash is of all that stands in the element.
  const style = trusted(`<style>${pageStyle}</style>`);
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
  const title = trusted(escapeHtml(visibleText(`${document.title} · Sluice`)));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="${`${document.app} ${document.appVersion}`}" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <div class="page">
          ${pageHead(document)}
          <nav aria-label="On this page">
            <ul>
              ${sections.map(
                ({ id, heading }) => html`<li><a href="${`#${id}`}">${heading}</a></li>`,
              )}
            </ul>
          </nav>
          <main>${sections.map(({ markup }) => markup)}</main>
          <footer>
            <p>
              Times are UTC unless another zone stands beside them. This page asks the network for
              nothing.
            </p>
          </footer>
        </div>
      </body>
    </html> `.markup;
}
