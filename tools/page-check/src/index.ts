export { findChromium } from './find-chromium.ts';
export type { PageLook } from './look-at-page.ts';
export { PageChecker } from './page-checker.ts';
export type { PageFindings, Viewing } from './page-checker.ts';
