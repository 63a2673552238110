import { CHAT_KEYS, PROFILE_KEY, PROFILE_KEYS } from './clientKeys.js';
import { namesOf, type Setting } from './setting.js';

/** Safe in a shell, so that completion can offer it. */
export const PROFILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** The JSON schema of `quietroom.config.json`, generated from the table that its reader uses. */
export function configSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'quietroom.config.json',
    description: 'Settings of the quietroom command. Environment variables and options have the last word.',
    ...objectOf({
      $schema: { type: 'string' },
      ...schemas(PROFILE_KEYS),
      ...schemas({ profile: PROFILE_KEY }),
      chat: { description: 'How quietroom chat looks and behaves.', ...objectOf(schemas(CHAT_KEYS)) },
      profiles: {
        description: 'Servers by name; what a profile says has the last word over the rest of the file.',
        type: 'object',
        patternProperties: { [PROFILE_NAME.source]: objectOf(schemas(PROFILE_KEYS)) },
        additionalProperties: false,
      },
    }),
  };
}

function objectOf(properties: object): object {
  return { type: 'object', properties, additionalProperties: false };
}

function schemas(table: Readonly<Record<string, Setting>>): object {
  return Object.fromEntries(
    Object.values(table).flatMap((setting) =>
      namesOf(setting).map((name) => [
        name,
        {
          description: setting.meaning,
          ...setting.kind.schema,
          ...(setting.fallback === undefined ? {} : { default: setting.fallback }),
          ...(name === setting.name ? {} : { deprecated: true }),
        },
      ]),
    ),
  );
}
