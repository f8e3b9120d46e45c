import { readVersion } from '@sluice/command-line/program';

/** This app's version, as its package.json has it. */
export const appVersion = readVersion(new URL('../package.json', import.meta.url));
