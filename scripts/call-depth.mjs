// Counts the calls that a text passes from `sendDm` to `socket.write`, and from the socket to an `onDm` callback, with
// the source files they lie in. It works on the build, by stack capture: it counts what runs, not what could.
//
//   node scripts/call-depth.mjs [--frames] [--tree FOLDER]
//
// --frames lists the calls; --tree measures another checkout, which must be built.
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    frames: { type: 'boolean', default: false },
    tree: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
  },
});

const packageModule = (name) => {
  const { href } = pathToFileURL(join(values.tree, `packages/${name}/dist/index.js`));
  // oxlint-disable-next-line import/no-dynamic-require -- the tree to measure is an argument
  return import(href);
};
const [{ QuietRoomConnector }, { QuietRoomServer }] = await Promise.all(
  ['connector', 'server'].map(packageModule),
);

/** The calls of our packages that are running, the last one first. */
function ourCalls() {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = 200;
  Error.prepareStackTrace = (_, callSites) => callSites;
  const { stack } = new Error('capture');
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  return stack.flatMap((site) => {
    const [, file] = /\/packages\/(.*\/dist\/.*)$/.exec(site.getFileName() ?? '') ?? [];
    return file === undefined ? [] : [{ file, name: site.getFunctionName() ?? '(anonymous)' }];
  });
}

const server = await QuietRoomServer.start({ host: '127.0.0.1', port: 0 });
const connect = async (username) => {
  const config = { serverHost: '127.0.0.1', serverPort: server.port, cert: server.certPem, username };
  const connector = new QuietRoomConnector({ ...config, decoyTraffic: false });
  await connector.connect();
  return connector;
};
const [alice, bob] = [await connect('alice'), await connect('bob')];

// The first message of a connection also makes what later ones reuse.
await alice.sendDm('bob', 'first');

let sending;
const { write } = TLSSocket.prototype;
TLSSocket.prototype.write = function (...args) {
  const calls = ourCalls();
  const start = calls.findIndex(({ name }) => name.endsWith('sendDm'));
  if (start !== -1) sending ??= calls.slice(0, start + 1).toReversed();
  return write.apply(this, args);
};
const receiving = new Promise((resolve) => {
  bob.onDm(() => resolve(ourCalls().toReversed()));
});
await alice.sendDm('bob', 'second');

print('sendDm to socket.write', sending);
print('socket to onDm', await receiving);
await Promise.all([alice.disconnect(), bob.disconnect()]);
await server.close();

function print(way, calls) {
  const files = new Set(calls.map(({ file }) => file));
  console.log(`${way}: ${calls.length} calls in ${files.size} files`);
  if (values.frames) for (const { file, name } of calls) console.log(`  ${file}  ${name}`);
}
