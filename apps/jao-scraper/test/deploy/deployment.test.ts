import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

import { defineProgram } from '../../src/cli.ts';
import { settings } from '../../src/config.ts';

const labels = z.record(z.string(), z.string());
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });
const deploymentSchema = z.object({
  kind: z.literal('Deployment'),
  spec: z.object({
    replicas: z.int(),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        automountServiceAccountToken: z.boolean(),
        terminationGracePeriodSeconds: z.int(),
        securityContext: z.unknown(),
        containers: z.tuple([
          z.object({
            args: z.array(z.string()),
            env: z.array(z.object({ name: z.string(), valueFrom: z.unknown() })),
            ports: z.tuple([z.object({ name: z.string(), containerPort: z.int() })]),
            startupProbe: probe,
            livenessProbe: probe,
            readinessProbe: probe,
            resources: z.unknown(),
            securityContext: z.unknown(),
          }),
        ]),
      }),
    }),
  }),
});

const file = new URL('../../deploy/deployment.yaml', import.meta.url);
const documents = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
  expect(document.errors).toEqual([]);
  const content: unknown = document.toJS();
  return content;
});
const deployment = deploymentSchema.parse(documents[0]);
const { spec: pod, metadata } = deployment.spec.template;
const [container] = pod.containers;

test('the pod runs without root, on a read-only root file system, with nothing it could use for more', () => {
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  });
  expect(container).toMatchObject({
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { limits: { memory: '512Mi' } },
  });
});

test('its arguments are options of watch, and its variables are settings', () => {
  const program = defineProgram(() => () => Promise.resolve());
  const watch = program.commands.find((command) => command.name() === 'watch');
  const options = watch?.options.map((option) => option.long) ?? [];
  const [command, ...args] = container.args;
  expect(command).toBe('watch');
  for (const arg of args.filter((text) => text.startsWith('--'))) {
    expect(options).toContain(arg.split('=')[0]);
  }
  const variables: string[] = Object.values(settings).map(({ variable }) => variable);
  expect(container.env.map(({ name }) => name).filter((name) => !variables.includes(name))).toEqual(
    [],
  );
});

test('it listens where the probes ask, and stops before it is killed', () => {
  const [port] = container.ports;
  expect(container.args).toContain(`--listen=0.0.0.0:${port.containerPort}`);
  for (const { httpGet } of [
    container.startupProbe,
    container.livenessProbe,
    container.readinessProbe,
  ]) {
    expect(['/livez', '/readyz']).toContain(httpGet.path);
    expect(httpGet.port).toBe(port.name);
  }
  const grace = container.args.find((arg) => arg.startsWith('--grace-period='));
  const graceSeconds = Number(grace?.replace(/^--grace-period=(\d+)s$/, '$1'));
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(graceSeconds);
});

test('the database is named by a secret alone', () => {
  const database = container.env.find(({ name }) => name === 'DATABASE_URL');
  expect(database?.valueFrom).toMatchObject({ secretKeyRef: { name: 'jao-scraper' } });
});

test('a disruption leaves one replica, and both policies select its pods', () => {
  const [, budget, network] = documents;
  const selected = { matchLabels: metadata.labels };
  expect(deployment.spec.replicas).toBeGreaterThan(1);
  expect(budget).toMatchObject({
    kind: 'PodDisruptionBudget',
    spec: { minAvailable: 1, selector: selected },
  });
  expect(network).toMatchObject({
    kind: 'NetworkPolicy',
    spec: { podSelector: selected, policyTypes: ['Ingress', 'Egress'] },
  });
});
