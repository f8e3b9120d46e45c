import { X509Certificate } from 'node:crypto';

import { familyOf } from '../declared-metric.ts';
import type { DeclaredMetrics } from '../declared-metric.ts';
import type { Collector } from '../gather/collector.ts';
import type { WebConfig } from '../web-config/web-config.ts';

/** What is told of the certificate that scrapes are served with. */
export const certificateMetrics = {
  expiry: {
    name: 'sluice_exporter_certificate_expiry_timestamp_seconds',
    help: 'When the certificate expires that the exporter serves with; absent without TLS.',
    kind: 'gauge',
    labelNames: [],
  },
} as const satisfies DeclaredMetrics;

/** Tells when the certificate of the web configuration in use expires. */
export function certificateCollector(currentWeb: () => WebConfig): Collector {
  return {
    name: 'certificate',
    collect: async () => {
      const { tls } = currentWeb();
      const expiresAt =
        tls === undefined ? undefined : Date.parse(new X509Certificate(tls.cert).validTo) / 1000;
      return Promise.resolve([familyOf(certificateMetrics.expiry, [[{}, expiresAt]])]);
    },
  };
}
