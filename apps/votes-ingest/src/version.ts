import { createRequire } from 'node:module';
import { z } from 'zod';

const manifest: unknown = createRequire(import.meta.url)('../package.json');

/** This app's version, as its package.json has it. */
export const appVersion = z.object({ version: z.string() }).parse(manifest).version;
