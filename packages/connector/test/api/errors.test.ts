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

test('docs/errors.md has a section for every code, with meaning, causes and what to do', () => {
  const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const sections = page
    .split(/^(?=##)/m)
    .map((section) => ({ code: /^### ([A-Z_]+)\n/.exec(section)?.[1], section }))
    .filter(({ code }) => code !== undefined);
  assert.deepEqual(new Set(sections.map(({ code }) => code)), new Set(CONNECTOR_ERROR_CODES));
  assert.equal(sections.length, CONNECTOR_ERROR_CODES.length);
  for (const { code, section } of sections) {
    assert.match(
      section,
      /^- \*\*Meaning:\*\* \S[^]*^- \*\*Causes:\*\* \S[^]*^- \*\*What to do:\*\* \S/m,
      code,
    );
  }
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
