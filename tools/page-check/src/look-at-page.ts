/** What a page is made of, as the browser sees it. */
export interface PageLook {
  /** By how much it is wider than its window. */
  readonly overflowPixels: number;
  readonly title: string;
  readonly language: string;
  /** Levels of the headings, in order. */
  readonly headingLevels: readonly number[];
  /** Elements with the role of an image, by what a screen reader says of them. */
  readonly images: readonly { readonly name: string; readonly description: string }[];
  /** Tables by their captions. */
  readonly tables: readonly string[];
  /** Elements that run, load or embed something, and attributes that would. */
  readonly active: readonly string[];
  /** All that is to be read. */
  readonly text: string;
}

/** Runs inside of the page. */
export function lookAtPage(): PageLook {
  const root = document.documentElement;
  const textOf = (id: string | undefined): string =>
    (id === undefined ? null : document.getElementById(id))?.textContent ?? '';
  const active: string[] = [];
  const elements =
    'script, iframe, object, embed, img, image, link, video, audio, source, base, form, use, foreignObject, animate, set';
  for (const element of document.querySelectorAll(elements)) {
    active.push(element.tagName);
  }
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      const isLink = /^(?:xlink:)?href$|^src$|^action$/.test(name) && !value.startsWith('#');
      if (name.startsWith('on') || name === 'style' || isLink) {
        active.push(`${element.tagName} ${name}=${value}`);
      }
    }
  }
  return {
    overflowPixels: root.scrollWidth - root.clientWidth,
    title: document.title,
    language: root.lang,
    headingLevels: [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(({ tagName }) =>
      Number(tagName.slice(1)),
    ),
    images: [...document.querySelectorAll('[role=img]')].map((image) => {
      const [name, description] = (image.getAttribute('aria-labelledby') ?? '').split(' ');
      return { name: textOf(name), description: textOf(description) };
    }),
    tables: [...document.querySelectorAll('table')].map(
      (table) => table.caption?.textContent ?? '',
    ),
    active,
    text: document.body.innerText,
  };
}
