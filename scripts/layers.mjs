// The order of the folders inside each package, bottom first: a file imports from its own folder and from those above
// it in this list, never from below. An inner list holds folders that do not import each other. `.` is the package's root.

export const LAYERS = {
  protocol: ['errors.ts', 'options', 'packets', 'handshake', 'text', 'session', '.'],
  connector: [
    'errors.ts',
    'time',
    'observe',
    'messages',
    'options',
    'connection',
    'rooms',
    'replies',
    'requests',
    ['files/source', 'files/target'],
    'files/transfer',
    'events',
    '.',
  ],
  server: [
    'errors.ts',
    'time',
    'observe',
    'identity',
    'options',
    'limits',
    'users',
    'files',
    'chat',
    'network',
    'client',
    'faults',
    '.',
  ],
  conformance: ['engine', 'wire', 'server', 'server/cases', 'client', 'client/cases', '.'],
  cli: [
    'version.ts',
    'output',
    'failures',
    'settings',
    'signals',
    'client',
    ['completion', 'conformance', 'echo', 'listen', 'pin', 'query', 'send', 'serve', 'chat/model'],
    ['demo', 'doctor', 'chat/view'],
    'chat/session',
    ['chat/terminal', 'chat/plain'],
    'chat',
    'commands',
    '.',
  ],
};

/** The most files that a folder may hold. */
export const MAX_FILES = 16;
