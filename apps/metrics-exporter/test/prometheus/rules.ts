import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** How soon somebody is to look: now, on the next working day, or never by itself. */
export const severities = ['page', 'ticket', 'info'] as const;
/** Who is to look: who runs Sluice, or who answers for the data. */
export const audiences = ['platform', 'data'] as const;

const recordingRule = z.strictObject({ record: z.string(), expr: z.string() });
const alertingRule = z.strictObject({
  alert: z.string().regex(/^Sluice[A-Za-z0-9]+$/),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({
    severity: z.enum(severities),
    audience: z.enum(audiences),
    symptom: z.string().regex(/^[a-z]+(?:-[a-z]+)*$/),
  }),
  annotations: z.strictObject({
    summary: z.string(),
    description: z.string(),
    runbook_url: z.string(),
    dashboard_url: z.string(),
  }),
});
const rulesFile = z.strictObject({
  groups: z.array(
    z.strictObject({ name: z.string(), rules: z.array(z.union([alertingRule, recordingRule])) }),
  ),
});

/** A rule that keeps what its expression gives under a name of its own. */
export type RecordingRule = z.infer<typeof recordingRule>;
/** A rule that raises an alert. */
export type AlertingRule = z.infer<typeof alertingRule>;
/** A rule of Prometheus. */
export type Rule = RecordingRule | AlertingRule;

/** Where the rules are. */
export const rulesFolder = new URL('../../prometheus/', import.meta.url).pathname;
/** The paths of the files of rules. */
export const rulesFiles = readdirSync(rulesFolder)
  .filter((name) => name.endsWith('.rules.yml'))
  .map((name) => join(rulesFolder, name));

/** All rules, in the order of their files. */
export const rules: readonly Rule[] = rulesFiles.flatMap((path) => {
  const { groups } = rulesFile.parse(parse(readFileSync(path, 'utf8')));
  return groups.flatMap((group) => group.rules);
});

/** The rules that raise alerts. */
export const alertingRules = rules.filter((rule) => 'alert' in rule);
/** The rules that only keep. */
export const recordingRules = rules.filter((rule) => 'record' in rule);

/** The name of an alert, or of what is kept. */
export function nameOf(rule: Rule): string {
  return 'alert' in rule ? rule.alert : rule.record;
}

/** The rule of an alert, and those that its expression rests on. */
export function rulesFor(alert: string): readonly Rule[] {
  const expr = alertingRules.find((rule) => rule.alert === alert)?.expr ?? '';
  return rules.filter(
    (rule) => nameOf(rule) === alert || ('record' in rule && expr.includes(rule.record)),
  );
}
