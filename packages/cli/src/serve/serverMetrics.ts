import type { ServerStats } from '@quietroom/server';
import { valueText, type MetricFamily, type Sample } from './prometheusText.js';

interface ServerMetric extends Omit<MetricFamily, 'samples'> {
  readonly samples: (stats: ServerStats) => readonly Sample[];
}

/** The metrics of `/metrics`. */
export const SERVER_METRICS: readonly ServerMetric[] = [
  gauge('quietroom_connections', 'Open connections.', ({ connections }) => connections.open),
  gauge(
    'quietroom_connections_unfinished',
    'Open connections that have not logged in.',
    ({ connections }) => connections.unfinished,
  ),
  counter(
    'quietroom_connections_accepted_total',
    'Connections that were let in.',
    ({ connections }) => connections.accepted,
  ),
  {
    name: 'quietroom_connections_closed_total',
    type: 'counter',
    help: 'Connections that are closed, by reason.',
    samples: ({ connections }) => byReason(connections.closed),
  },
  {
    name: 'quietroom_refused_total',
    type: 'counter',
    help: 'What was refused because of a limit, by reason.',
    samples: ({ refused }) => byReason(refused),
  },
  gauge('quietroom_bans', 'Bans in effect.', ({ moderation }) => moderation.bans),
  gauge('quietroom_mutes', 'Muted names.', ({ moderation }) => moderation.mutes),
  gauge('quietroom_draining', '1 while new logins are refused, else 0.', ({ moderation }) =>
    Number(moderation.isDraining),
  ),
  gauge('quietroom_users', 'Users who are logged in.', ({ users }) => users.open),
  counter('quietroom_logins_total', 'Logins.', ({ users }) => users.logins),
  gauge('quietroom_rooms', 'Rooms, empty ones too.', ({ rooms }) => rooms.open),
  counter(
    'quietroom_messages_received_total',
    'Texts that came from users, commands too.',
    ({ messages }) => messages.received,
  ),
  counter(
    'quietroom_deliveries_total',
    'Texts that were queued for clients, each counted for each client.',
    ({ messages }) => messages.deliveries,
  ),
  counter('quietroom_file_offers_total', 'Files that were offered.', ({ files }) => files.offered),
  gauge('quietroom_files_open', 'Files that are offered or on their way.', ({ files }) => files.open),
  gauge('quietroom_files_running', 'Files that are on their way.', ({ files }) => files.running),
  {
    name: 'quietroom_files_ended_total',
    type: 'counter',
    help: 'Offers and transfers that are over, by how they ended.',
    samples: ({ files }) => Object.entries(files.ended).map(([end, value]) => ({ labels: { end }, value })),
  },
  counter('quietroom_file_bytes_total', 'Bytes of files that were relayed.', ({ files }) => files.bytes),
  counter('quietroom_received_bytes_total', 'Bytes from the network, TLS included.', ({ bytes }) => bytes.in),
  counter('quietroom_sent_bytes_total', 'Bytes to the network, TLS included.', ({ bytes }) => bytes.out),
  gauge('quietroom_queue_bytes', 'Bytes that wait for clients to read.', ({ queue }) => queue.bytes),
  gauge(
    'quietroom_queue_largest_bytes',
    'Bytes that wait for the client for which most do.',
    ({ queue }) => queue.largestBytes,
  ),
  {
    name: 'quietroom_handshake_seconds',
    type: 'histogram',
    help: 'From the TCP connection to the end of the key exchange.',
    samples: ({ handshakes }) => [
      ...handshakes.buckets.map(({ seconds, count }) => ({
        suffix: '_bucket',
        labels: { le: valueText(seconds) },
        value: count,
      })),
      { suffix: '_sum', value: handshakes.sumSeconds },
      { suffix: '_count', value: handshakes.count },
    ],
  },
  gauge(
    'quietroom_handshake_largest_seconds',
    'The longest handshake so far.',
    ({ handshakes }) => handshakes.maxSeconds,
  ),
  counter('process_cpu_seconds_total', 'CPU time of the process.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  }),
  gauge('process_resident_memory_bytes', 'Resident memory of the process.', () => process.memoryUsage.rss()),
  gauge(
    'process_start_time_seconds',
    'When the process started, in seconds since 1970.',
    () => performance.timeOrigin / 1000,
  ),
];

export function serverMetrics(stats: ServerStats): MetricFamily[] {
  return SERVER_METRICS.map((metric) => ({ ...metric, samples: metric.samples(stats) }));
}

function gauge(name: string, help: string, value: (stats: ServerStats) => number): ServerMetric {
  return { name, type: 'gauge', help, samples: (stats) => [{ value: value(stats) }] };
}

function counter(name: string, help: string, value: (stats: ServerStats) => number): ServerMetric {
  return { name, type: 'counter', help, samples: (stats) => [{ value: value(stats) }] };
}

function byReason(counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([reason, value]) => ({ labels: { reason }, value }));
}
