import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { logWriter, textLine } from '#src/serve/logFormats.js';
import type { ServeEntry } from '#src/serve/serveEntry.js';

suite('an entry of the log', () => {
  const closed = { event: 'closed', client: 1, address: '192.0.2.7', seconds: 1.23456 } as const;
  const error = Object.assign(new TypeError('Received "a secret"\n    a secret'), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
  const ROWS: readonly { readonly entry: ServeEntry; readonly level: string; readonly text: string }[] = [
    { entry: { event: 'stopped' }, level: 'info', text: 'stopped' },
    {
      entry: { ...closed, name: 'Al B', reason: 'quit' },
      level: 'info',
      text: 'closed client=1 address=192.0.2.7 seconds=1.235 name="Al B" reason=quit',
    },
    {
      entry: { ...closed, reason: 'queueFull' },
      level: 'warn',
      text: 'closed client=1 address=192.0.2.7 seconds=1.235 reason=queueFull',
    },
    {
      entry: { ...closed, reason: 'internalError', error },
      level: 'error',
      text: 'closed client=1 address=192.0.2.7 seconds=1.235 reason=internalError error=TypeError',
    },
    {
      entry: { event: 'refused', reason: 'rooms', address: '2001:db8::1', times: 3 },
      level: 'warn',
      text: 'refused reason=rooms address=2001:db8::1 times=3',
    },
    {
      entry: { event: 'configKeyUnknown', key: 'a\n\u001b[2J' },
      level: 'warn',
      text: String.raw`configKeyUnknown key="a\n\u001b[2J"`,
    },
    { entry: { event: 'acceptFailed', code: 'EMFILE' }, level: 'error', text: 'acceptFailed code=EMFILE' },
  ];
  for (const { entry, level, text } of ROWS) {
    test(`is one line of text: ${text}`, () => {
      assert.equal(textLine(entry, new Date(0)), `1970-01-01T00:00:00.000Z ${text}`);
    });

    test(`is one line of JSON, of level ${level}: ${text}`, () => {
      const lines: string[] = [];
      logWriter('json', { write: (line) => void lines.push(line) }, true)(entry);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', /^[^\n]+\n$/);
      const {
        time,
        level: written,
        error: shown,
        ...rest
      } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
      assert.equal(written, level);
      assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
      const { error: _error, ...expected } = entry as ServeEntry & { error?: unknown };
      assert.deepEqual(rest, expected);
      assert.equal(shown === undefined, !('error' in entry));
    });
  }

  for (const format of ['json', 'text'] as const) {
    test(`has no address and port of a client when none are wanted, as ${format}`, () => {
      const lines: string[] = [];
      const write = logWriter(format, { write: (line) => void lines.push(line) }, false);
      write({ event: 'connected', client: 7, address: '192.0.2.7', port: 50_123 });
      write({ ...closed, name: 'alice', reason: 'quit' });
      write({ event: 'refused', reason: 'rooms', address: '192.0.2.7', times: 3 });
      write({ event: 'listening', host: '127.0.0.1', port: 37_842 });
      const log = lines.join('');
      assert.doesNotMatch(log, /192\.0\.2\.7|50123|address/);
      assert.match(log, /alice/);
      assert.match(log, /37842/);
      assert.equal(lines.length, 4);
    });
  }

  test('tells of an error where it happened, and not its message, which could quote a user', () => {
    const lines: string[] = [];
    logWriter(
      'json',
      { write: (line) => void lines.push(line) },
      true,
    )({
      ...closed,
      reason: 'internalError',
      error,
    });
    const written = JSON.parse(lines[0] ?? '') as { error: { type: string; code: string; stack: string[] } };
    assert.equal(written.error.type, 'TypeError');
    assert.equal(written.error.code, 'ERR_INVALID_ARG_TYPE');
    assert.match(written.error.stack[0] ?? '', /^at .*logFormats\.test/);
    assert.doesNotMatch(lines[0] ?? '', /secret/);
  });
});
