import { QuietRoomConnector, type ConnectorConfig } from 'quietroom-connector';
import { QuietRoomServer } from '@quietroom/server';
import { receiveBare, sendBare, serveBare } from './bareTls.js';
import { Meter } from './meter.js';
import { serveFlood } from './flood.js';
import { report, serveJob, type Target } from '../measure/workerProcess.js';
import { messageText, type Job, type Load } from './jobs.js';

/** How many sends may be on their way at once. */
const WINDOW = 1000;

const done = (measured: number): void => report({ type: 'done', measured });

async function connected(target: Target, config: ConnectorConfig): Promise<QuietRoomConnector> {
  const { host: serverHost, port: serverPort, cert } = target;
  const connector = new QuietRoomConnector({ serverHost, serverPort, cert, ...config });
  await connector.connect();
  return connector;
}

async function sendAll(connector: QuietRoomConnector, to: string, { warmUp, messages }: Load): Promise<void> {
  for (let index = 0; index < warmUp + messages; index++) {
    const sent = connector.sendDm(to, messageText(index));
    if (index % WINDOW === WINDOW - 1) await sent;
  }
}

/** Gets ready; returns what to do when told to go. */
async function prepare(job: Job): Promise<() => void> {
  switch (job.role) {
    case 'server': {
      const server = await QuietRoomServer.start({ port: 0, padding: job.padding, messageBurst: 1_000_000 });
      report({ type: 'ready', target: { host: server.host, port: server.port, cert: server.certPem } });
      return () => {};
    }
    case 'flood': {
      const target = await serveFlood(job.padding, job);
      report({ type: 'ready', target });
      return () => {};
    }
    case 'source': {
      const connector = await connected(job.target, { username: 'source' });
      report({ type: 'ready' });
      return () => void sendAll(connector, job.to, job);
    }
    case 'sink': {
      await connected(job.target, { username: job.name });
      report({ type: 'ready' });
      return () => {};
    }
    case 'receive': {
      const meter = new Meter(job, done);
      const connector = await connected(job.target, { username: job.name });
      connector.onDm(() => meter.count());
      report({ type: 'ready' });
      return () => {};
    }
    case 'send': {
      const connector = await connected(job.target, { username: 'source', padding: job.padding });
      const meter = new Meter(job, done);
      connector.onMessage((text) => {
        if (text.startsWith('[DM to ')) meter.count();
      });
      report({ type: 'ready' });
      return () => void sendAll(connector, job.to, job);
    }
    case 'bareServer': {
      const target = await serveBare(job.answers, job.padding, job);
      report({ type: 'ready', target });
      return () => {};
    }
    case 'bareReceive':
      report({ type: 'ready' });
      return () => receiveBare(job.target, job, done);
    case 'bareSend':
      report({ type: 'ready' });
      return () => sendBare(job.target, job.padding, job, done);
  }
}

serveJob(prepare);
