import { PROMETHEUS_CONTENT_TYPE, prometheusText, type MetricFamily } from '../../serve/prometheusText.js';
import type { Relay } from './relay.js';

/** The figures of the relay as Prometheus reads them. */
export function relayMetrics(
  { counts, pending, oldestSeconds, isConnected }: Relay,
  requests: ReadonlyMap<number, number>,
): { readonly type: string; readonly body: string } {
  const byStatus = [...requests].map(([status, value]) => ({ labels: { status: `${status}` }, value }));
  const body = prometheusText([
    {
      name: 'quietroom_relay_requests_total',
      type: 'counter',
      help: 'Requests by status.',
      samples: byStatus,
    },
    counter('accepted', 'Messages that were stored for delivery.', counts.accepted),
    counter('quiet', 'Notices that were repetitions.', counts.quiet),
    counter('delivered', 'Messages that the server confirmed.', counts.delivered),
    counter('dead', 'Messages that were given up.', counts.dead),
    counter('failed_attempts', 'Deliveries that are tried again.', counts.failedAttempts),
    gauge('pending', 'Messages that wait.', pending),
    gauge('oldest_seconds', 'Age of the oldest message that waits.', oldestSeconds),
    gauge('connected', '1 with a connection to the chat.', isConnected ? 1 : 0),
  ]);
  return { type: PROMETHEUS_CONTENT_TYPE, body };
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name: `quietroom_relay_${name}_total`, type: 'counter', help, samples: [{ value }] };
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name: `quietroom_relay_${name}`, type: 'gauge', help, samples: [{ value }] };
}
