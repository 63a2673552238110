import { bursts } from './server/cases/bursts.js';
import { chat } from './server/cases/chat.js';
import { commands } from './server/cases/commands.js';
import { dms } from './server/cases/dms.js';
import { files } from './server/cases/files.js';
import { framing } from './server/cases/framing.js';
import { hostile } from './server/cases/hostile.js';
import { keyExchange } from './server/cases/keyExchange.js';
import { limits } from './server/cases/limits.js';
import { lists } from './server/cases/lists.js';
import { login } from './server/cases/login.js';
import { passwords } from './server/cases/passwords.js';
import { rooms } from './server/cases/rooms.js';
import { text } from './server/cases/text.js';
import { transport } from './server/cases/transport.js';
import type { ServerGroup } from './server/serverBench.js';

/** All cases for servers, in the order in which they run. */
export const SERVER_GROUPS: readonly ServerGroup[] = [
  transport,
  keyExchange,
  framing,
  login,
  text,
  chat,
  dms,
  rooms,
  passwords,
  lists,
  commands,
  files,
  limits,
  hostile,
  bursts,
];
