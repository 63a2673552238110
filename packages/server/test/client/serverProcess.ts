import { QuietRoomServer } from '@quietroom/server';
import { firstIdentity } from '@quietroom/testing';

/** A server with the default limits in a process of its own; it sends its port to its parent, and ends with it. */
const { port } = await QuietRoomServer.start({ port: 0, identity: firstIdentity });
process.send?.(port);
process.once('disconnect', () => process.exit());
