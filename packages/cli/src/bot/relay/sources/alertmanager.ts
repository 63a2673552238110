import { z } from 'zod';
import type { Notice, SourceRequest } from './notice.js';
import { joined, readPayload } from './payload.js';

const texts = z.record(z.string(), z.string()).default({});

const ALERT = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: texts,
  startsAt: z.string().default(''),
  fingerprint: z.string().optional(),
});

const PAYLOAD = z.object({ alerts: z.array(ALERT) });

/** The webhook of Prometheus Alertmanager, version 4, and of Grafana's alerting, which has the same alerts. */
export function alertmanagerNotices(request: SourceRequest): Notice[] {
  return readPayload(request, PAYLOAD).alerts.map(
    ({ status, labels, annotations, startsAt, fingerprint }) => {
      const name = labels.alertname ?? 'Alert';
      const where = joined(' ', labels.severity && `(${labels.severity})`, labels.instance);
      const what = annotations.summary ?? annotations.description ?? annotations.message;
      const identity = fingerprint ?? JSON.stringify(labels, Object.keys(labels).sort());
      return {
        key: `${identity} ${startsAt}`,
        state: status,
        text: joined(': ', joined(' ', status.toUpperCase(), name, where), what),
      };
    },
  );
}
