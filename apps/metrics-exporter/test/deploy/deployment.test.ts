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
    template: z.object({
      metadata: z.object({ labels, annotations: labels }),
      spec: z.object({
        automountServiceAccountToken: z.boolean(),
        securityContext: z.unknown(),
        containers: z.tuple([
          z.object({
            args: z.array(z.string()),
            env: z.array(z.object({ name: z.string(), valueFrom: z.unknown() })),
            ports: z.tuple([z.object({ name: z.string(), containerPort: z.int() })]),
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
const { spec: pod, metadata } = deploymentSchema.parse(documents[0]).spec.template;
const [container] = pod.containers;
const [port] = container.ports;

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

test('its arguments are options, and its variables are settings', () => {
  const program = defineProgram(() => () => Promise.resolve());
  const options = program.options.map((option) => option.long);
  for (const arg of container.args) {
    expect(options).toContain(arg.split('=')[0]);
  }
  const variables: string[] = Object.values(settings).map(({ variable }) => variable);
  expect(container.env.map(({ name }) => name).filter((name) => !variables.includes(name))).toEqual(
    [],
  );
});

test('it listens where it is scraped and the probes ask', () => {
  expect(container.args).toContain(`--port=${port.containerPort}`);
  expect(metadata.annotations['prometheus.io/port']).toBe(String(port.containerPort));
  for (const { httpGet } of [container.livenessProbe, container.readinessProbe]) {
    expect(['/livez', '/readyz']).toContain(httpGet.path);
    expect(httpGet.port).toBe(port.name);
  }
});

test('the database is named by a secret alone', () => {
  const database = container.env.find(({ name }) => name === 'DATABASE_URL');
  expect(database?.valueFrom).toMatchObject({ secretKeyRef: { name: 'metrics-exporter' } });
});

test('service and network policy select its pods', () => {
  const [, service, network] = documents;
  expect(service).toMatchObject({
    kind: 'Service',
    spec: { selector: metadata.labels, ports: [{ port: port.containerPort }] },
  });
  expect(network).toMatchObject({
    kind: 'NetworkPolicy',
    spec: {
      podSelector: { matchLabels: metadata.labels },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ port: port.containerPort }] }],
    },
  });
});
