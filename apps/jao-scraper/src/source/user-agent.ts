import { appVersion } from '../version.ts';

/** Who asks, and who to reach about it where somebody is named. */
export function userAgentOf(contact: string | undefined): string {
  return `sluice-jao-scraper/${appVersion}${contact === undefined ? '' : ` (+${contact})`}`;
}
