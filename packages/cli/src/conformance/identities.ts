import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '@quietroom/conformance';
import { QuietRoomServer } from '@quietroom/server';
import { EXIT_CODES } from '../failures/exitCodes.js';
import { Failure } from '../failures/failure.js';

/** The identity of the folder, which is created if missing, and another one that is not kept. */
export async function makeIdentities(
  folder: string,
): Promise<{ identity: Identity; otherIdentity: Identity }> {
  const temporary = await mkdtemp(join(tmpdir(), 'quietroom-'));
  try {
    return { identity: await identityIn(folder), otherIdentity: await identityIn(temporary) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(EXIT_CODES.failure, `There is no identity in ${folder}: ${message}`);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** A server creates what is missing when it starts. */
async function identityIn(folder: string): Promise<Identity> {
  const server = await QuietRoomServer.start({ port: 0, identityFolder: folder });
  await server.close();
  return { certPem: server.certPem, keyPem: await readFile(join(folder, 'server_private.pem'), 'utf8') };
}
