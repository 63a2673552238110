import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import test, { suite } from 'node:test';
import { listenLocally } from '#src/rpc/localSocket.js';
import { eventually } from '../harness/quietroom.js';
import { Room } from '../harness/room.js';
import { runHere } from '../harness/runHere.js';
import { DaemonHere, isValid } from './daemonHere.js';

const isWindows = process.platform === 'win32';

function request(method: string, params?: object): object {
  return { jsonrpc: '2.0', id: 1, method, params };
}

suite('the protocol of the daemon', { skip: isWindows }, () => {
  test('the socket has mode 0600, in a folder of mode 0700', async (t) => {
    const { path } = await DaemonHere.start(t);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  });

  test('hello tells server, name, state and rooms', async (t) => {
    const daemon = await DaemonHere.start(t);
    await daemon.service.join('#tea');
    const { result } = await daemon.client().call('hello');
    const { v, protocol, host, port, username, state, rooms, pid } = result ?? {};
    assert.deepEqual(
      { v, protocol, host, port, username, state, rooms, pid },
      {
        v: 1,
        protocol: 1,
        host: daemon.room.server.host,
        port: daemon.room.server.port,
        username: 'alice',
        state: 'connected',
        rooms: ['#tea'],
        pid: process.pid,
      },
    );
  });

  test('messages, presence and membership come as events, also to a client that was away', async (t) => {
    const daemon = await DaemonHere.start(t);
    const client = daemon.client();
    const { result } = await client.call('subscribe');
    await client.call('join', { room: '#tea' });
    const bob = await daemon.room.joinRoom('bob', '#tea');
    await bob.connector.sendDm('alice', 'one');
    await bob.connector.sendRoomMessage('#tea', 'two');
    await bob.connector.sendLobbyMessage('three');
    await bob.connector.disconnect();
    await eventually('bob has left', () => client.events('presence').some(({ change }) => change === 'left'));
    assert.equal((await client.event('dm'))['text'], 'one');
    assert.deepEqual((await client.event('room'))['room'], '#tea');
    assert.equal((await client.event('lobby'))['sender'], 'bob');
    assert.deepEqual((await client.event('membership'))['change'], 'joined');

    const { since = result?.['seq'], run } = { run: result?.['run'] };
    const late = daemon.client();
    const { result: history } = await late.call('history', { since, run });
    const seen = client.lines.flatMap(({ method, params }) => (method === 'v1.event' ? [params] : []));
    assert.deepEqual(history?.['events'], seen);
    const { result: part } = await late.call('history', { since, run, limit: 1 });
    assert.deepEqual([part?.['events'], part?.['isComplete']], [seen.slice(0, 1), false]);
    await late.call('subscribe', { since, run, types: ['dm', 'lobby'] });
    await late.event('lobby');
    assert.deepEqual(
      late.lines.flatMap(({ params }) => (params ? [params['text']] : [])),
      ['one', 'three'],
    );
    // The numbers of another run mean nothing.
    const { result: all } = await late.call('history', { since: 1_000_000, run: 'other' });
    assert.ok(Array.isArray(all?.['events']) && all['events'].length >= seen.length);
  });

  test('send resolves with a receipt, and other clients see what was sent', async (t) => {
    const daemon = await DaemonHere.start(t);
    const bob = await daemon.room.join('bob');
    const [sender, other] = [daemon.client(), daemon.client()];
    await sender.call('subscribe', { own: true });
    await other.call('subscribe', { own: true });
    const { result } = await sender.call('send', { type: 'dm', to: 'bob', text: 'a\nb', newlines: 'split' });
    assert.deepEqual(result, { v: 1, status: 'accepted', reason: null, parts: 2, acceptedParts: 2 });
    await bob.hears('alice: b');
    assert.equal((await other.event('sent'))['text'], 'a\nb');
    assert.deepEqual(sender.events('sent'), []);
    const refused = await sender.call('send', { type: 'dm', to: 'nobody', text: 'x' });
    assert.equal(refused.result?.['reason'], 'recipient-offline');
    const invalid = await sender.call('send', { type: 'room', to: '#none', text: 'x' });
    assert.equal(invalid.result?.['reason'], 'not-a-member');
    const empty = await sender.call('send', { type: 'lobby', text: '' });
    assert.equal(empty.error?.data?.code, 'MESSAGE_EMPTY');
  });

  test('lists users, rooms and members, and measures the round trip', async (t) => {
    const daemon = await DaemonHere.start(t);
    await daemon.room.joinRoom('bob', '#tea', 'secret');
    const client = daemon.client();
    assert.deepEqual((await client.call('users')).result?.['users'], ['alice', 'bob']);
    assert.deepEqual((await client.call('rooms')).result?.['rooms'], [
      { name: '#tea', users: 1, protected: true },
    ]);
    assert.equal((await client.call('members', { room: '#tea' })).error?.data?.code, 'ROOM_NOT_FOUND');
    assert.equal((await client.call('join', { room: '#tea' })).error?.data?.code, 'PASSWORD_REQUIRED');
    assert.equal(
      (await client.call('join', { room: '#tea', password: 'secret' })).result?.['created'],
      false,
    );
    // It is in: another client needs no password.
    assert.equal((await client.call('join', { room: '#tea' })).result?.['created'], false);
    assert.deepEqual((await client.call('members', { room: '#tea' })).result?.['members'], ['bob', 'alice']);
    assert.equal(typeof (await client.call('rtt')).result?.['seconds'], 'number');
    await client.call('leave', { room: '#tea' });
    assert.deepEqual(daemon.connector.joinedRooms, []);
  });

  test('rooms that were joined for a time are left when the client ends', async (t) => {
    const daemon = await DaemonHere.start(t);
    const client = daemon.client();
    await client.call('join', { room: '#kept' });
    await client.call('join', { room: '#kept', temporary: true });
    await client.call('join', { room: '#short', temporary: true });
    assert.deepEqual(daemon.connector.joinedRooms, ['#kept', '#short']);
    client.socket.destroy();
    await eventually('the room is left', () => daemon.connector.joinedRooms.length === 1);
    assert.deepEqual(daemon.connector.joinedRooms, ['#kept']);
  });

  test('wrong parameters and methods are refused', async (t) => {
    const client = (await DaemonHere.start(t)).client();
    const CASES = [
      ['send', {}],
      ['send', { type: 'dm', text: 'x' }],
      ['send', { type: 'lobby', text: 'x', maxParts: 0 }],
      ['send', { type: 'lobby', text: 'x', colour: 'red' }],
      ['sendFile', { to: 'bob', path: 'relative' }],
      ['acceptFile', { offer: '1', folder: 'relative' }],
      ['subscribe', { types: ['mail'] }],
      ['history', { since: -1 }],
      ['history', { since: 0, limit: 100_000 }],
    ] as const;
    for (const [method, params] of CASES) {
      assert.equal((await client.call(method, params)).error?.code, -32602, JSON.stringify(params));
    }
    client.socket.write('{"jsonrpc":"2.0","id":99,"method":"v1.toString"}\n');
    await eventually('the method is refused', () => client.answer(99)?.error?.code === -32601);
  });

  test('the schema accepts requests, and rejects wrong ones', () => {
    for (const [valid, message] of [
      [true, request('v1.send', { type: 'dm', to: 'bob', text: 'x' })],
      [true, { jsonrpc: '2.0', id: 1, method: 'v1.users' }],
      [false, { jsonrpc: '2.0', id: 1, method: 'v1.join' }],
      [false, request('v1.send', { type: 'dm', text: 'x' })],
      [false, request('v1.nothing', {})],
    ] as const) {
      assert.equal(isValid('request', message), valid, JSON.stringify(message));
    }
  });

  test('a client needs the token, where there is one', async (t) => {
    const daemon = await DaemonHere.start(t, { token: 'secret' });
    const client = daemon.client();
    assert.equal((await client.call('users')).error?.data?.code, 'TOKEN_WRONG');
    assert.equal((await client.call('hello')).error?.data?.code, 'TOKEN_WRONG');
    assert.equal((await client.call('hello', { token: 'wrong' })).error?.data?.code, 'TOKEN_WRONG');
    assert.ok((await client.call('hello', { token: 'secret' })).result);
    assert.ok((await client.call('users')).result);
    assert.equal((await daemon.client().call('users')).error?.data?.code, 'TOKEN_WRONG');
  });

  test('a client that does not read loses events, and is told; others get all', async (t) => {
    const limits = { maxQueuedBytes: 100_000, maxEvents: 100_000, maxEventBytes: 100_000_000 };
    const daemon = await DaemonHere.start(t, { limits });
    const bob = await daemon.room.join('bob');
    const [slow, quick] = [daemon.client(), daemon.client()];
    await slow.call('subscribe', { types: ['dm'] });
    await quick.call('subscribe', { types: ['dm'] });
    slow.socket.pause();
    const count = 300;
    const text = 'x'.repeat(3000);
    for (let sent = 0; sent < count; sent++) await bob.connector.sendDm('alice', text);
    await eventually('the quick client has all', () => quick.events('dm').length === count);
    slow.socket.resume();
    await eventually('the slow client is told', () => slow.lines.some(({ method }) => method === 'v1.lost'));
    const lost = slow.lines.flatMap(({ method, params }) =>
      method === 'v1.lost' ? [Number(params?.['count'])] : [],
    );
    assert.equal(slow.events('dm').length + lost.reduce((sum, one) => sum + one, 0), count);
    assert.deepEqual(
      quick.lines.filter(({ method }) => method === 'v1.lost'),
      [],
    );
  });

  test('a request that is cancelled is answered with that', async (t) => {
    const daemon = await DaemonHere.start(t);
    await daemon.room.server.close();
    await eventually('the connection is lost', () => daemon.connector.state === 'reconnecting');
    const client = daemon.client();
    const id = client.begin('users');
    assert.equal((await client.call('cancel', { request: id })).result?.['cancelled'], true);
    await eventually('it is answered', () => client.answer(id) !== undefined);
    assert.equal(client.answer(id)?.error?.code, -32002);
    assert.equal((await client.call('cancel', { request: id })).result?.['cancelled'], false);
  });

  test('what is sent while the server is away is sent later, and the state is told', async (t) => {
    const room = await Room.open();
    t.after(() => room[Symbol.asyncDispose]());
    const daemon = await DaemonHere.start(t, {}, room);
    const client = daemon.client();
    await client.call('subscribe');
    await room.server.close();
    await eventually('the loss is told', () =>
      client.events('state').some(({ state }) => state === 'reconnecting'),
    );
    const id = client.begin('send', { type: 'lobby', text: 'later' });
    await room.restart();
    await eventually('it is sent', () => client.answer(id) !== undefined);
    assert.equal(client.answer(id)?.result?.['status'], 'accepted');
    assert.equal(client.events('state').at(-1)?.['state'], 'connected');
  });

  test('files go both ways, with progress', async (t) => {
    const daemon = await DaemonHere.start(t);
    const bob = await daemon.room.join('bob');
    const { path: folder } = daemon.room.folder;
    const path = await daemon.room.folder.write('data.bin', Buffer.alloc(50_000, 7));
    const client = daemon.client();
    const endOf = async (offer: unknown): Promise<Readonly<Record<string, unknown>>> => {
      for (let count = 0; ; count++) {
        const end = await client.event('fileEnd', count);
        if (end['offer'] === offer) return end;
      }
    };
    bob.connector.onFileOffer((offer) => offer.accept({ folder: `${folder}/bob/` }));
    const { result } = await client.call('sendFile', { to: 'bob', path });
    assert.deepEqual([result?.['name'], result?.['bytes']], ['data.bin', 50_000]);
    assert.ok(client.lines.some(({ params }) => params?.['stage'] === 'transferring'));

    // Without a client that answers offers they are declined.
    await assert.rejects(async () => bob.connector.sendFile('alice', path), { code: 'FILE_DECLINED' });
    await client.call('subscribe', { files: true });
    const sent = bob.connector.sendFile('alice', path);
    const { offer } = await client.event('fileOffer');
    const received = await client.call('acceptFile', { offer, folder: `${folder}/alice/` });
    await sent;
    assert.equal(readFileSync(String(received.result?.['path'])).length, 50_000);
    assert.equal((await endOf(offer))['status'], 'received');
    assert.equal((await client.call('acceptFile', { offer, folder })).error?.data?.code, 'FILE_ANSWERED');

    const declined = assert.rejects(async () => bob.connector.sendFile('alice', path), {
      code: 'FILE_DECLINED',
    });
    const second = await client.event('fileOffer', 1);
    await client.call('declineFile', { offer: second['offer'] });
    await declined;
    assert.equal((await endOf(second['offer']))['status'], 'declined');

    const stop = new AbortController();
    const withdrawn = assert.rejects(async () =>
      bob.connector.sendFile('alice', path, { signal: stop.signal }),
    );
    const third = await client.event('fileOffer', 2);
    stop.abort();
    await withdrawn;
    const { status, error } = await endOf(third['offer']);
    assert.deepEqual([status, error], ['failed', 'FILE_CANCELLED']);
  });

  test('a second daemon cannot take the socket', async (t) => {
    const daemon = await DaemonHere.start(t);
    const { code, stderr } = await runHere(daemon.room.args('daemon', '--daemon-socket', daemon.path));
    assert.equal(code, 1);
    assert.match(stderr, /in use by a running daemon.*"quietroom daemon status"/);
  });
});

suite('commands with a daemon', { skip: isWindows }, () => {
  test('send, users, rooms and members use its name, and leave no room behind', async (t) => {
    const daemon = await DaemonHere.start(t);
    const bob = await daemon.room.joinRoom('bob', '#tea');
    const sent = await runHere(daemon.args('send', '--to', 'bob', '--json', 'hi'));
    assert.deepEqual([sent.code, sent.stderr], [0, '']);
    const { daemon: usesDaemon, username, status } = JSON.parse(sent.stdout) as Record<string, unknown>;
    assert.deepEqual([usesDaemon, username, status], [true, 'alice', 'accepted']);
    await bob.hears('alice: hi');
    assert.equal((await runHere(daemon.args('send', '--room', '#tea', 'in room'))).code, 0);
    await bob.reads('#tea', 'alice: in room');
    await eventually('the room is left', () => daemon.connector.joinedRooms.length === 0);
    assert.equal((await runHere(daemon.args('users'))).stdout, 'alice\nbob\n');
    assert.equal((await runHere(daemon.args('rooms'))).stdout, '#tea  1 user\n');
    assert.equal((await runHere(daemon.args('members'))).stdout, 'alice\n');
    assert.deepEqual(daemon.room.names, ['alice', 'bob']);
    const offline = await runHere(daemon.args('send', '--to', 'nobody', 'x'));
    assert.deepEqual(
      [offline.code, offline.stderr],
      [7, 'quietroom: nobody is not online. Try again later.\n'],
    );
  });

  test('--no-daemon, another server and another name make a connection of their own', async (t) => {
    const daemon = await DaemonHere.start(t);
    const socket = ['--daemon-socket', daemon.path];
    const own = await runHere(daemon.room.args('users', ...socket, '--no-daemon', '--json'));
    assert.equal((JSON.parse(own.stdout) as { daemon: boolean }).daemon, false);
    const named = await runHere(daemon.room.args('users', ...socket, '--username', 'carol', '--json'));
    assert.equal((JSON.parse(named.stdout) as { daemon: boolean }).daemon, false);
    const demanded = await runHere(daemon.args('users', '--username', 'carol'));
    assert.deepEqual([demanded.code, /is alice, not carol/.test(demanded.stderr)], [2, true]);
    const elsewhere = await runHere(daemon.args('users', '--port', '1'));
    assert.deepEqual([elsewhere.code, /is for .*, not for .*:1\./.test(elsewhere.stderr)], [2, true]);
    const auto = await runHere(daemon.room.args('users', ...socket, '--json'));
    assert.equal((JSON.parse(auto.stdout) as { daemon: boolean }).daemon, true);
  });

  test('--daemon without a daemon says what to do', async (t) => {
    const room = await Room.open();
    t.after(() => room[Symbol.asyncDispose]());
    const path = join(room.folder.path, 'none.sock');
    const { code, stderr } = await runHere(room.args('users', '--daemon', '--daemon-socket', path));
    assert.equal(code, 3);
    assert.match(stderr, /No daemon listens at .*none\.sock".*"quietroom daemon".*--no-daemon/);
  });

  test('send --file gives the file to the daemon', async (t) => {
    const daemon = await DaemonHere.start(t);
    const bob = await daemon.room.join('bob');
    const { path: folder } = daemon.room.folder;
    bob.connector.onFileOffer((offer) => offer.accept({ folder: `${folder}/bob/` }));
    await daemon.room.folder.write('a.txt', 'content');
    const sent = await runHere(daemon.args('send', '--to', 'bob', '--file', 'a.txt', '--json'), {
      cwd: folder,
    });
    assert.equal(sent.code, 0, sent.stderr);
    await eventually('the file is there', () => existsSync(join(folder, 'bob', 'a.txt')));
  });

  test('listen prints what comes to the daemon, but not what it sends itself', async (t) => {
    const daemon = await DaemonHere.start(t);
    const bob = await daemon.room.joinRoom('bob', '#tea');
    await bob.connector.joinRoom('#other');
    await daemon.service.join('#other');
    const listening = runHere(daemon.args('listen', '--room', '#tea', '--count', '2'));
    await eventually('it listens', () => daemon.connector.joinedRooms.includes('#tea'));
    await daemon.connector.sendRoomMessage('#tea', 'own');
    await bob.connector.sendRoomMessage('#other', 'elsewhere');
    await bob.connector.sendRoomMessage('#tea', 'one');
    await bob.connector.sendDm('alice', 'two');
    const { code, stdout, stderr } = await listening;
    assert.equal(code, 0);
    assert.deepEqual(stdout.replaceAll(/^[\d:]{8} /gm, ''), '[#tea] bob: one\n[dm] bob: two\n');
    assert.match(stderr, /Listening as alice on .* by the daemon, in #tea\./);
    await eventually('the room is left', () => !daemon.connector.joinedRooms.includes('#tea'));
  });

  test('a socket that other users could use is refused', async (t) => {
    const daemon = await DaemonHere.start(t);
    chmodSync(dirname(daemon.path), 0o755);
    const { code, stderr } = await runHere(daemon.args('users'));
    chmodSync(dirname(daemon.path), 0o700);
    assert.equal(code, 1);
    assert.match(stderr, /folder .* must belong to this user and have mode 0700/);
  });

  test('a process that is not a daemon is reported', async (t) => {
    const daemon = await DaemonHere.start(t);
    await daemon.socket.close();
    const server = createServer((socket) => void socket.on('error', () => {}).write('220 hello\r\n'));
    const remove = await listenLocally(server, daemon.path);
    const { code, stderr } = await runHere(daemon.args('users'));
    remove();
    server.close();
    assert.equal(code, 3);
    assert.match(stderr, /does not answer.*Restart it, or give --no-daemon/);
  });

  test('status prints server, name, rooms and clients; stop asks it to end', async (t) => {
    let stops = 0;
    const daemon: DaemonHere = await DaemonHere.start(t, {
      stop: () => {
        stops++;
        void daemon.socket.close();
      },
    });
    await daemon.service.join('#tea');
    const socket = ['--daemon-socket', daemon.path];
    const { stdout } = await runHere(['daemon', 'status', ...socket]);
    assert.match(
      stdout,
      /^alice on [\w.:]+: connected\nRooms: #tea\nClients: 0\nProcess \d+, since .*\nSocket: /,
    );
    const json = await runHere(['daemon', 'status', '--json', ...socket]);
    assert.equal((JSON.parse(json.stdout) as { username: string }).username, 'alice');
    assert.equal((await runHere(['daemon', 'stop', ...socket])).stdout, 'The daemon has ended.\n');
    assert.equal(stops, 1);
    const none = await runHere(['daemon', 'status', ...socket]);
    assert.deepEqual([none.code, /No daemon listens/.test(none.stderr)], [3, true]);
  });
});
