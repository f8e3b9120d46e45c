import { loader, logger, None, parse, View } from 'vega';
import type { Loader } from 'vega';
import { compile } from 'vega-lite';
import type { TopLevelSpec } from 'vega-lite';

import { escapeHtml, html, trusted } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import { visibleText } from '../html/visible-text.ts';

/** A chart: data and how it is drawn, without a word on colours but the names of the page's. */
export type ChartSpec = TopLevelSpec;

/** What a chart is for those who do not see it. */
export interface ChartText {
  /** Names the chart's elements: unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What it shows, in numbers. */
  readonly description: string;
}

/**
 * The page's colours, by what they are for. The page defines them for light and dark, which is why
 * one drawing serves both.
 */
export const chartColors = {
  ink: 'var(--ink)',
  faint: 'var(--ink-faint)',
  rule: 'var(--rule)',
  ground: 'var(--ground)',
  bar: 'var(--bar)',
  accent: 'var(--accent)',
  bad: 'var(--bad)',
  caution: 'var(--caution)',
  band: 'var(--band)',
} as const;

/** Height of a line of small text, in pixels. */
export const smallText = 11;

const axis = {
  labelColor: chartColors.faint,
  titleColor: chartColors.faint,
  domainColor: chartColors.rule,
  tickColor: chartColors.rule,
  gridColor: chartColors.rule,
  labelFontSize: smallText,
  titleFontSize: smallText,
  titleFontWeight: 400,
} as const;

const config = {
  aria: false,
  font: 'inherit',
  background: 'transparent',
  view: { stroke: null },
  axis,
  text: { color: chartColors.ink, fontSize: smallText },
} as const;

/** A chart asks for nothing: neither from the network nor from the disk. */
const offline: Loader = {
  ...loader(),
  load: (uri: string) => Promise.reject(new Error(`charts load nothing, and not ${uri}`)),
};

/**
 * Draws a chart as SVG, without a browser and without scripts in it: an image with a title and a
 * description. Texts out of data have to be made visible before.
 */
export async function drawChart(spec: ChartSpec, text: ChartText): Promise<Html> {
  const silent = logger(None);
  const compiled = compile({ config, ...spec }, { logger: silent });
  const view = new View(parse(compiled.spec), {
    renderer: 'none',
    loader: offline,
    logLevel: None,
  });
  try {
    return asImage(await view.toSVG(), text);
  } finally {
    view.finalize();
  }
}

/**
 * Gives the drawing a name, takes away the roles inside, which an image has none of, and the digits that
 * nobody sees.
 */
function asImage(svg: string, { id, title, description }: ChartText): Html {
  const match =
    /^<svg [^>]*width="([\d.]+)" height="([\d.]+)"[^>]*>(.*)<\/svg>$/s.exec(svg) ?? undefined;
  const [, width, height, drawing] = match ?? [];
  if (width === undefined || height === undefined || drawing === undefined) {
    throw new TypeError(`expected a drawing as SVG, and got: ${svg.slice(0, 200)}`);
  }
  // Text has no < in it, so what begins with one is a tag.
  const inside = drawing.replaceAll(/<\w[^>]*>/g, (tag) =>
    tag
      .replace(/ role="[^"]*"| aria-[a-z]+="[^"]*"| opacity="1"| font-family="inherit"/g, '')
      .replaceAll(/\d+\.\d{3,}/g, (digits) => String(Number(Number(digits).toFixed(2)))),
  );
  return html`<svg
    class="chart"
    role="img"
    aria-labelledby="${`${id}-title ${id}-desc`}"
    width="${width}"
    height="${height}"
    viewBox="${`0 0 ${width} ${height}`}"
  >
    <title id="${`${id}-title`}">${plain(title)}</title>
    <desc id="${`${id}-desc`}">${plain(description)}</desc>
    ${trusted(inside)}
  </svg>`;
}

/** In the title of a drawing there can be no elements. */
function plain(text: string): Html {
  return trusted(escapeHtml(visibleText(text)));
}
