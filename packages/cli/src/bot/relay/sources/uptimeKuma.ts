import { z } from 'zod';
import type { Notice, SourceRequest } from './notice.js';
import { digestOf, readPayload } from './payload.js';

const PAYLOAD = z.object({
  msg: z.string(),
  monitor: z.object({ id: z.number().optional(), name: z.string() }).nullish(),
  heartbeat: z.object({ status: z.number(), important: z.boolean().optional() }).nullish(),
});

/** The states of a monitor as numbers; 2 and 3 are pending and maintenance. */
const STATES: Readonly<Record<number, 'firing' | 'resolved'>> = { 0: 'firing', 1: 'resolved' };

/** The webhook of Uptime Kuma, as JSON. A test message has no monitor. */
export function uptimeKumaNotices(request: SourceRequest): Notice[] {
  const { msg, monitor, heartbeat } = readPayload(request, PAYLOAD);
  if (!monitor || !heartbeat) return [{ key: digestOf(request.body), state: 'event', text: msg }];
  const state = STATES[heartbeat.status];
  return state === undefined ? [] : [{ key: `monitor ${monitor.id ?? monitor.name}`, state, text: msg }];
}
