import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { SocketTransport, type RecordSocket, type TransportEvents } from '@quietroom/protocol';

/** A socket that does nothing by itself, and notes what it is asked to do. */
class FakeSocket extends EventEmitter implements RecordSocket {
  readonly asked: string[] = [];

  setMaxSendFragment(bytes: number): boolean {
    this.asked.push(`fragment ${bytes}`);
    return true;
  }

  write(bytes: Uint8Array): boolean {
    this.asked.push(`write ${bytes.length}`);
    return true;
  }

  pause(): void {
    this.asked.push('pause');
  }

  resume(): void {
    this.asked.push('resume');
  }

  end(): void {
    this.asked.push('end');
  }

  destroy(): void {
    this.asked.push('destroy');
  }
}

function logTo(log: string[]): TransportEvents {
  return {
    record: (bytes) => log.push(`record ${bytes.length}`),
    closed: (error) => log.push(error ? `closed: ${error.message}` : 'closed'),
  };
}

test('The fragment size is set at once, before anything can be written', () => {
  const socket = new FakeSocket();
  const transport = new SocketTransport(socket, 512);
  transport.write(Buffer.alloc(7), () => {});
  transport.end();
  transport.destroy();
  assert.deepEqual(socket.asked, ['fragment 512', 'write 7', 'end', 'destroy']);
});

test('It reads only after start, so that nothing is lost', () => {
  const socket = new FakeSocket();
  const transport = new SocketTransport(socket, 512);
  assert.equal(socket.listenerCount('data'), 0);
  const log: string[] = [];
  transport.start(logTo(log));
  socket.emit('data', Buffer.alloc(5));
  assert.deepEqual(log, ['record 5']);
});

test('The end reports the first error of the socket', () => {
  const socket = new FakeSocket();
  const log: string[] = [];
  new SocketTransport(socket, 512).start(logTo(log));
  socket.emit('error', new Error('ECONNRESET'));
  socket.emit('error', new Error('EPIPE'));
  assert.deepEqual(log, []);
  socket.emit('close');
  assert.deepEqual(log, ['closed: ECONNRESET']);
});

test('An error and an end before the start are reported at the start, and never end the process', () => {
  const socket = new FakeSocket();
  const transport = new SocketTransport(socket, 512);
  socket.emit('error', new Error('ECONNRESET'));
  socket.emit('close');
  const log: string[] = [];
  transport.start(logTo(log));
  assert.deepEqual(log, ['closed: ECONNRESET']);
});

test('A source of records replaces data events', () => {
  const socket = new FakeSocket();
  const log: string[] = [];
  const delivers: ((bytes: Uint8Array) => void)[] = [];
  const transport = new SocketTransport(socket, 16384, (start) => {
    delivers.push(start);
  });
  assert.equal(delivers.length, 0);
  transport.start(logTo(log));
  for (const deliver of delivers) deliver(Buffer.alloc(3));
  socket.emit('data', Buffer.alloc(9));
  assert.deepEqual(log, ['record 3']);
});
