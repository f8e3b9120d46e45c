import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { pathToFileURL } from 'node:url';

import { findChromium } from './find-chromium.ts';
import { lookAtPage } from './look-at-page.ts';
import type { PageLook } from './look-at-page.ts';

/** Besides headless: nothing but the page is asked for, and a container's root may run it. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const defaultHeight = 900;

/** How a page is looked at. */
export interface Viewing {
  /** Of the window, in CSS pixels. */
  readonly widthPixels: number;
  readonly scheme: 'light' | 'dark';
  /** @default 900 */
  readonly heightPixels?: number;
  /** Opens what is folded, so that it is looked at, too. @default false */
  readonly unfolds?: boolean;
}

/** What was seen of a page. */
export interface PageFindings extends PageLook {
  /** What it wrote to the console, and errors in it. */
  readonly messages: readonly string[];
  /** What it asked for besides itself. */
  readonly requests: readonly string[];
  /** What `alert` and its like said. */
  readonly dialogs: readonly string[];
  /** Rules of accessibility that it breaks, each with the first elements that do. */
  readonly violations: readonly string[];
}

/** A Chromium with pages of files in it, fresh for each. */
export class PageChecker {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** @throws {Error} where this machine has no Chromium; see `findChromium`. */
  static async open(): Promise<PageChecker> {
    const executablePath = findChromium();
    if (executablePath === undefined) {
      throw new Error('there is no chromium on the PATH; on Debian: apt-get install chromium');
    }
    return new PageChecker(await chromium.launch({ executablePath, args: flags }));
  }

  /** Opens a page of a file and looks at it. */
  async check(file: string, viewing: Viewing): Promise<PageFindings> {
    const messages: string[] = [];
    const requests: string[] = [];
    const dialogs: string[] = [];
    const url = pathToFileURL(file).href;
    return this.#withPage(viewing, async (page) => {
      page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => messages.push(`error: ${error.message}`));
      page.on('request', (request) => {
        if (request.url() !== url) requests.push(request.url());
      });
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.message());
        void dialog.dismiss();
      });
      await this.#load(page, url, viewing);
      const look = await page.evaluate(lookAtPage);
      const violations = await findViolations(page);
      return { messages, requests, dialogs, violations, ...look };
    });
  }

  /** Draws a page of a file as it is seen without scrolling, or all of it, as a PNG. */
  async draw(
    file: string,
    {
      viewing,
      target,
      isWhole = false,
    }: {
      readonly viewing: Viewing;
      readonly target: string;
      readonly isWhole?: boolean;
    },
  ): Promise<void> {
    await this.#withPage(viewing, async (page) => {
      await this.#load(page, pathToFileURL(file).href, viewing);
      await page.screenshot({ path: target, fullPage: isWhole });
    });
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  async #load(page: Page, url: string, { unfolds = false }: Viewing): Promise<void> {
    await page.goto(url);
    if (unfolds) {
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
    }
  }

  async #withPage<Result>(
    { widthPixels, heightPixels = defaultHeight, scheme }: Viewing,
    work: (page: Page) => Promise<Result>,
  ): Promise<Result> {
    const page = await this.#browser.newPage({
      viewport: { width: widthPixels, height: heightPixels },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    try {
      return await work(page);
    } finally {
      await page.close();
    }
  }
}

/** Run from outside: the page's own policy forbids scripts. */
async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results: AxeResults = await page.evaluate(
    (tags) =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
        runOnly: { type: 'tag', values: tags },
      }),
    rules,
  );
  return results.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html} (${failureSummary ?? ''})`)
        .join('; ')}`,
  );
}
