import { z } from 'zod';
import { METHOD_PREFIX } from '../../rpc/jsonRpc.js';
import { NOTIFICATIONS } from './events.js';
import { METHODS } from './methods.js';

const ID = { type: ['string', 'number'] };

/** The JSON schema of the daemon's protocol: of any line, and in `definitions` of each part. */
export function daemonSchema(): object {
  const methods = Object.entries(METHODS);
  const notifications = Object.entries(NOTIFICATIONS);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A line of the protocol of quietroom daemon',
    anyOf: ['request', 'result', 'error', 'notification'].map(reference),
    definitions: {
      ...Object.fromEntries(
        methods.flatMap(([name, { params, result }]) => [
          [`${name}.params`, schemaOf(params)],
          [`${name}.result`, schemaOf(result)],
        ]),
      ),
      ...Object.fromEntries(
        notifications.map(([name, params]) => [`${name}.notification`, schemaOf(params)]),
      ),
      request: {
        anyOf: methods.map(([name, { params }]) =>
          message(
            { id: ID, method: { const: METHOD_PREFIX + name }, params: reference(`${name}.params`) },
            // Parameters may be left out where none is needed.
            params.safeParse({}).success ? ['id', 'method'] : ['id', 'method', 'params'],
          ),
        ),
      },
      notification: {
        anyOf: notifications.map(([name]) =>
          message({ method: { const: METHOD_PREFIX + name }, params: reference(`${name}.notification`) }, [
            'method',
            'params',
          ]),
        ),
      },
      result: message({ id: ID, result: { anyOf: methods.map(([name]) => reference(`${name}.result`)) } }, [
        'id',
        'result',
      ]),
      error: message(
        {
          id: { type: ['string', 'number', 'null'] },
          error: {
            type: 'object',
            properties: {
              code: { type: 'integer' },
              message: { type: 'string' },
              data: {
                type: 'object',
                description: 'code: one of docs/errors.md, or of the system',
                properties: { code: { type: 'string' } },
                required: ['code'],
              },
            },
            required: ['code', 'message'],
            additionalProperties: false,
          },
        },
        ['id', 'error'],
      ),
    },
  };
}

function message(properties: object, required: readonly string[]): object {
  return {
    type: 'object',
    properties: { jsonrpc: { const: '2.0' }, ...properties },
    required: ['jsonrpc', ...required],
    additionalProperties: false,
  };
}

function reference(name: string): object {
  return { $ref: `#/definitions/${name}` };
}

/** Objects of results and events may get new fields. */
function schemaOf(type: z.ZodType): object {
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // The format says it.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return schema;
}
