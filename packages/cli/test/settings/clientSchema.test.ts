import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { suite } from 'node:test';
import { Validator } from '@cfworker/json-schema';
import { readClientConfig } from '#src/settings/clientConfigFile.js';
import { configSchema } from '#src/settings/clientSchema.js';
import { Folder } from '../harness/quietroom.js';

const SHIPPED: unknown = JSON.parse(
  readFileSync(new URL('../../quietroom.config.schema.json', import.meta.url), 'utf8'),
);

suite('the JSON schema of quietroom.config.json', () => {
  test('is shipped as the table of keys makes it; npm run docs:cli writes it', () => {
    assert.deepEqual(SHIPPED, structuredClone(configSchema()));
  });

  const CASES = [
    {},
    { $schema: 'quietroom.config.schema.json' },
    { host: 'chat.example', port: 1, cert: 'a.pem', username: 'x', connectTimeout: 3600 },
    { host: '::1' },
    { host: 'chat.example:37842' },
    { host: 'a b' },
    { host: 7 },
    { port: 65536 },
    { port: 1.5 },
    { port: '1' },
    { cert: '' },
    { connectTimeout: 0 },
    { colour: 'red' },
    { chat: {} },
    { chat: { theme: 'dark', bell: true, quietHours: '22:00-07:00', downloads: '~/x' } },
    { chat: { quietHours: 'none' } },
    { chat: { quietHours: '24:00-07:00' } },
    { chat: { bell: 1 } },
    { chat: { host: 'x' } },
    { chat: null },
    { profiles: {} },
    { profile: 'a-1', profiles: { 'a-1': { host: 'x' } } },
    { profiles: { 'a b': {} } },
    { profiles: { a: { chat: {} } } },
    { profiles: { a: { port: -1 } } },
    { profiles: [] },
  ];
  for (const config of CASES) {
    test(`and the reader say the same of ${JSON.stringify(config)}`, async () => {
      await using folder = await Folder.make();
      const path = await folder.write('quietroom.config.json', JSON.stringify(config));
      const { valid } = new Validator(Object(SHIPPED), '7').validate(config);
      if (valid) readClientConfig(path);
      else assert.throws(() => readClientConfig(path), /quietroom\.config\.json: /);
    });
  }
});
