export { bigintBytes, dhKeyPairFrom, modPow } from './diffieHellman.js';
export { FakeClock, type TimerHandle } from './fakeClock.js';
export {
  loadRecording,
  RECORDINGS,
  recordsOf,
  type ExpectedPacket,
  type Recording,
  type RecordingEvent,
  type RecordingName,
} from './recordings.js';
export { firstIdentity, secondIdentity, type TestIdentity } from './identities.js';
export { buildPacket, openPacket, type PacketParts } from './packets.js';
export {
  lengthPrefix,
  PeerConnection,
  ScriptedPeer,
  type Script,
  type ScriptedPeerOptions,
} from './scriptedPeer.js';
export { RecordTap, type TappedConnection } from './recordTap.js';
export { TcpTap } from './tcpTap.js';
export { MemoryTransport } from './memoryTransport.js';
export { readLike1x, type Arrival, type ReadPacket } from './readerModel.js';
export { cut, join, recordsByGo, recordsByNode } from './records.js';
export { propertyRuns } from './propertyRuns.js';
export { seededBytes } from './seededBytes.js';
