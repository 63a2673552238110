import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  ConnectionLostError,
  CONNECTOR_ERROR_CODES,
  ConnectorError,
  FileTransferError,
  LoginError,
  SecurityError,
} from 'quietroom-connector';

test('docs/errors.md lists every code, and no other', () => {
  const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1]);
  assert.deepEqual(new Set(listed), new Set(CONNECTOR_ERROR_CODES));
  assert.equal(listed.length, CONNECTOR_ERROR_CODES.length);
});

test('every class of error is a ConnectorError with its own name', () => {
  for (const Class of [SecurityError, LoginError, FileTransferError, ConnectionLostError]) {
    const cause = new Error('below');
    const error = new Class('CONNECTION_LOST', 'text', { cause });
    assert.ok(error instanceof ConnectorError);
    assert.equal(error.name, Class.name);
    assert.equal(error.cause, cause);
  }
});
