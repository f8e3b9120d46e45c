import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const integrations = z.array(z.record(z.string(), z.unknown())).optional();
const configSchema = z.strictObject({
  global: z.record(z.string(), z.unknown()),
  templates: z.array(z.string()),
  route: z.record(z.string(), z.unknown()),
  inhibit_rules: z.array(z.unknown()),
  receivers: z.array(
    z.strictObject({
      name: z.string(),
      slack_configs: integrations,
      msteamsv2_configs: integrations,
      pagerduty_configs: integrations,
      email_configs: integrations,
      webhook_configs: integrations,
    }),
  ),
});

/** A configuration of Alertmanager, as it is shipped. */
export type AlertmanagerConfig = z.infer<typeof configSchema>;

/** Where they are, with their templates. */
export const alertmanagerFolder = new URL('../../alertmanager/', import.meta.url).pathname;

/** The path of a file there. */
export function alertmanagerFile(name: string): string {
  return join(alertmanagerFolder, name);
}

/** Reads one of them. */
export function readAlertmanagerConfig(name: string): AlertmanagerConfig {
  return configSchema.parse(parse(readFileSync(alertmanagerFile(name), 'utf8'), { merge: true }));
}
