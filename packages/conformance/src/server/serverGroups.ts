import { bursts } from './cases/bursts.js';
import { chat } from './cases/chat.js';
import { commands } from './cases/commands.js';
import { dms } from './cases/dms.js';
import { files } from './cases/files.js';
import { framing } from './cases/framing.js';
import { hostile } from './cases/hostile.js';
import { keyExchange } from './cases/keyExchange.js';
import { limits } from './cases/limits.js';
import { lists } from './cases/lists.js';
import { login } from './cases/login.js';
import { passwords } from './cases/passwords.js';
import { rooms } from './cases/rooms.js';
import { text } from './cases/text.js';
import { transport } from './cases/transport.js';
import type { ServerGroup } from './serverBench.js';

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
