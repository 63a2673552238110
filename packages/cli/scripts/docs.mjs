// Writes what is made from the definitions of the command line.

import { writeFileSync } from 'node:fs';
import { configSchema } from '#src/client/configSchema.js';

write('../quietroom.config.schema.json', `${JSON.stringify(configSchema(), undefined, 2)}\n`);

function write(path, text) {
  writeFileSync(new URL(path, import.meta.url), text);
}
