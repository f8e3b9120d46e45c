import fc from 'fast-check';
import { expect, test } from 'vitest';

import { html, trusted } from '../../src/html/html.ts';

test('text is escaped, markup is not, and what is absent is nothing', () => {
  const inner = html`<b>${'1 < 2 & "3"'}</b>`;
  expect(html`<p>${[inner, undefined, null, 7]}</p>`.markup).toBe(
    '<p><b>1 &lt; 2 &amp; &quot;3&quot;</b>7</p>',
  );
});

test('invisible characters are marked in text, and plain escapes in attributes', () => {
  expect(html`<p title="${'a\u202eb'}">${'a\u202eb'}</p>`.markup).toBe(
    String.raw`<p title="a\u202eb">a<span class="escape">\u202e</span>b</p>`,
  );
});

test('markup can not become an attribute', () => {
  expect(() => html`<p title="${trusted('" onclick="x')}"></p>`).toThrow(TypeError);
});

test('no text ever opens or closes an element or an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const inText = html`<p>${text}</p>`.markup.slice(3, -4);
      expect(inText.replaceAll(/<span class="escape">|<\/span>/g, '')).not.toMatch(/[<>"']/);
      expect(html`<p title="${text}"></p>`.markup.slice(10, -6)).not.toMatch(/[<>"'\n]/);
    }),
  );
});
