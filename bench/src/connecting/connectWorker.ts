import { createHash, createVerify, constants, getDiffieHellman, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { QuietRoomServer } from '@quietroom/server';
import { QuietRoomConnector } from 'quietroom-connector';
import { report, serveJob, type Target } from '../measure/workerProcess.js';

/** The role of a process of this benchmark. */
export type ConnectJob =
  | { readonly role: 'server' }
  /** Measured: connects and disconnects again and again. */
  | { readonly role: 'connect' | 'bareConnect'; readonly target: Target; readonly times: number };

/** Connections before the measurement. */
const WARM_UP = 20;

serveJob(async (job: ConnectJob) => {
  if (job.role === 'server') {
    const server = await QuietRoomServer.start({
      port: 0,
      maxHandshakes: 1000,
      maxConnectionsPerAddress: 1000,
    });
    report({ type: 'ready', target: { host: server.host, port: server.port, cert: server.certPem } });
    return () => {};
  }
  const visit = job.role === 'connect' ? connectAndLeave : connectBare;
  report({ type: 'ready' });
  return () => void measure(() => visit(job.target), job.times);
});

async function measure(visit: () => Promise<void>, times: number): Promise<void> {
  for (let time = 0; time < WARM_UP; time++) await visit();
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) await visit();
  const { user, system } = process.cpuUsage(before);
  report({ type: 'done', measured: user + system });
}

async function connectAndLeave({ host, port, cert }: Target): Promise<void> {
  const connector = new QuietRoomConnector({ serverHost: host, serverPort: port, cert, username: 'guest' });
  await connector.connect();
  await connector.disconnect();
}

/** The floor: TLS 1.3, a Diffie-Hellman exchange and a signature check, and no more. */
async function connectBare({ host, port, cert }: Target): Promise<void> {
  const { publicKey } = new X509Certificate(cert);
  const socket = connect({ host, port, minVersion: 'TLSv1.3', rejectUnauthorized: false, servername: '' });
  await once(socket, 'secureConnect');
  const [theirs = Buffer.alloc(0), signature = Buffer.alloc(0)] = await readParts(socket, 2);
  const key = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING };
  if (!createVerify('sha256').update(theirs).verify(key, signature)) throw new Error('A wrong signature.');
  const group = getDiffieHellman('modp14');
  const ours = group.generateKeys();
  createHash('sha256').update(group.computeSecret(theirs)).digest();
  socket.write(ours);
  socket.destroy();
  await once(socket, 'close');
}

/** Reads parts of the form `u32be length | bytes`. */
async function readParts(socket: ReturnType<typeof connect>, count: number): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  let bytes = Buffer.alloc(0);
  while (parts.length < count) {
    while (bytes.length < 4 || bytes.length < 4 + bytes.readUInt32BE()) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      bytes = Buffer.concat([bytes, chunk]);
    }
    const end = 4 + bytes.readUInt32BE();
    parts.push(bytes.subarray(4, end));
    bytes = bytes.subarray(end);
  }
  return parts;
}
