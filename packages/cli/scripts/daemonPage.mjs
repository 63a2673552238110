// The tables of docs/daemon.md that follow from the definitions of the protocol.

import { z } from 'zod';
import { EVENTS, NOTIFICATIONS } from '#src/daemon/protocol/events.js';
import { DAEMON_LIMITS } from '#src/daemon/protocol/limits.js';
import { METHODS } from '#src/daemon/protocol/methods.js';
import { code, table, withTable } from './markdown.mjs';

/** The page with its tables made anew. */
export function daemonPage(page) {
  return [
    ['### Methods', methodsTable()],
    ['### Events', eventsTable()],
    ['### Notifications', notificationsTable()],
    ['### Limits', limitsTable()],
  ].reduce((text, [heading, made]) => withTable(text, heading, made), page);
}

function methodsTable() {
  return table(
    ['method', 'parameters', 'result'],
    Object.entries(METHODS).map(([name, { params, result }]) => [
      code(`v1.${name}`),
      fieldsOf(params),
      [schemaOf(result).description, fieldsOf(result, ['v'])].filter(Boolean).join('. '),
    ]),
  );
}

function eventsTable() {
  return table(
    ['type', 'meaning', 'fields'],
    Object.entries(EVENTS).map(([type, event]) => [
      code(type),
      schemaOf(event).description,
      fieldsOf(event, ['type', 'seq', 'receivedAt']),
    ]),
  );
}

function notificationsTable() {
  return table(
    ['notification', 'meaning', 'parameters'],
    Object.entries(NOTIFICATIONS).map(([name, params]) => [
      code(`v1.${name}`),
      schemaOf(params).description,
      name === 'event' ? 'the event' : fieldsOf(params),
    ]),
  );
}

function limitsTable() {
  const { maxRequestBytes, maxOpenRequests, maxClients, maxQueuedBytes, idleMs, maxEvents, maxEventBytes } =
    DAEMON_LIMITS;
  return table(
    ['limit', '', 'beyond it'],
    [
      ['bytes of a request', mebibytes(maxRequestBytes), 'error -32600, and the connection ends'],
      ['open requests of a client', maxOpenRequests, 'error -32001'],
      ['bytes of the open requests of a client', mebibytes(2 * maxRequestBytes), 'error -32001'],
      ['clients', maxClients, 'error -32001, and the connection ends'],
      ['bytes of events that wait for a client', mebibytes(maxQueuedBytes), 'it loses events: `v1.lost`'],
      [
        'time without a request, subscription or open request',
        `${idleMs / 60_000} minutes`,
        'the connection ends',
      ],
      ['events that are kept', maxEvents, 'the oldest are dropped: `missed`'],
      ['bytes of events that are kept', mebibytes(maxEventBytes), 'the oldest are dropped: `missed`'],
    ],
  );
}

function mebibytes(bytes) {
  return `${bytes / 1024 / 1024} MiB`;
}

/** The fields of an object, or of each of several. */
function fieldsOf(type, leftOut = []) {
  const schema = schemaOf(type);
  const objects = schema.anyOf ?? schema.oneOf ?? [schema];
  const seen = new Map();
  for (const { properties = {}, required = [] } of objects) {
    for (const [name, field] of Object.entries(properties)) {
      if (leftOut.includes(name)) continue;
      const values = [...(seen.get(name)?.values ?? []), ...valuesOf(field)];
      const isRequired = required.includes(name) && objects.every((one) => name in (one.properties ?? {}));
      seen.set(name, { values, isRequired, description: seen.get(name)?.description ?? field.description });
    }
  }
  const shown = Array.from(seen, ([name, { values, isRequired, description }]) => {
    const mark = isRequired ? code(name) : `${code(name)} (optional)`;
    const allowed = values.length === 0 ? '' : values.map((value) => code(JSON.stringify(value))).join(', ');
    const meaning = [allowed, description].filter(Boolean).join('; ');
    return meaning === '' ? mark : `${mark}: ${meaning}`;
  });
  return shown.length === 0 ? 'none' : shown.join('<br>');
}

function valuesOf(field) {
  if (field.const !== undefined) return [field.const];
  return field.enum ?? field.anyOf?.flatMap((one) => one.enum ?? []) ?? [];
}

function schemaOf(type) {
  return z.toJSONSchema(type, { target: 'draft-7', io: 'input' });
}
