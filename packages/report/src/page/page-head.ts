import { formatInstant, timeElement } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import type { KeyFigure, ReportDocument, Tone } from '../report-document.ts';

const toneWords: Readonly<Record<Tone, string>> = {
  good: '✓ In order.',
  caution: '! Needs a look.',
  bad: '× Falls short.',
  none: '',
};

/** What the page is about, the answer, and the numbers that matter. */
export function pageHead(document: ReportDocument): Html {
  const { app, appVersion, title, source, asOf, createdAt, verdict, figures } = document;
  const word = toneWords[verdict.tone];
  return html`<header>
    <p class="eyebrow">Sluice · ${app}</p>
    <h1>${title}</h1>
    <p class="${`verdict ${verdict.tone}`}">
      ${word === '' ? undefined : html`<strong>${word}</strong> `}${verdict.sentence}
    </p>
    ${figures.length === 0 ? undefined : html`<dl class="figures">${figures.map(figureItem)}</dl>`}
    <dl class="about">
      <dt>As of</dt>
      <dd>${timeElement(asOf)}</dd>
      <dt>Data</dt>
      <dd><span class="datum">${source}</span></dd>
      <dt>Made</dt>
      <dd>
        <time datetime="${createdAt.toISOString()}">${formatInstant(createdAt)}</time> by ${app}
        ${appVersion}
      </dd>
    </dl>
  </header>`;
}

function figureItem({ label, figure, note, tone = 'none' }: KeyFigure): Html {
  return html`<div>
    <dt>${label}</dt>
    <dd class="${`figure ${tone}`}">${figure}</dd>
    ${note === undefined ? undefined : html`<dd class="of">${note}</dd>`}
  </div> `;
}
