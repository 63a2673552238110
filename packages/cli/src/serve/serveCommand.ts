import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { CERT_FILE } from '@quietroom/protocol/constants';
import { QuietRoomServer } from '@quietroom/server';
import type { ReloadResult } from '../admin/adminMethods.js';
import { adminSocketPath, startAdmin } from '../admin/startAdmin.js';
import { readConfigFile, type ConfigFile } from '../settings/serverConfigFile.js';
import { Hangup } from '../signals/reloadOnHangup.js';
import { introduce } from './introduction.js';
import { listenOnFirst } from './listenOnFirst.js';
import { METRICS_HOST, MetricsServer } from './metricsServer.js';
import { printError, printLine } from '../output/print.js';
import { prometheusText } from './prometheusText.js';
import { logUnknownKeys, reloadConfig } from './reloadConfig.js';
import { metricsFailure, serveFailure } from '../failures/serveFailure.js';
import type { ServeEntry } from './serveEntry.js';
import { ServeLog } from './serveLog.js';
import type { RpcServer } from '../rpc/rpcServer.js';
import { serverMetrics } from './serverMetrics.js';
import {
  isHostDefault,
  serveSettings,
  type ServeFlags,
  type ServeSettings,
} from '../settings/serverSettings.js';
import { listenForStop, unlessStopped } from '../signals/stop.js';

/**
 * Runs a server until it is stopped.
 *
 * @throws Failure when it cannot start
 */
export async function serve(given: ServeFlags): Promise<void> {
  const stop = listenForStop({ needsOutput: false });
  const hangup = new Hangup(stop);
  // Without a listener Node opens its debugger, which runs any code for whoever connects to it.
  process.on('SIGUSR1', () => {});
  const flags = { ...given, dir: resolve(given.dir) };
  const config = readConfigFile(flags.dir);
  const settings = serveSettings(flags, config);
  const socketPath = adminSocketPath(flags.dir, settings.adminSocket);
  const log = new ServeLog(settings);
  try {
    warnOfUnknownKeys(config, log);
    const server = await unlessStopped(stop.signal, startServer(flags.dir, config, settings, log));
    if (server === undefined) return;
    let metrics: MetricsServer | undefined;
    let admin: RpcServer | undefined;
    const reload = (): ReloadResult => {
      log.reopen();
      return reloadConfig(server, flags, settings, log.write);
    };
    try {
      metrics = await startMetrics(server, settings, log);
      admin = await startAdmin(
        socketPath,
        settings.adminSocket !== undefined,
        {
          admin: server.admin,
          reload: () => {
            log.write({ event: 'admin', act: 'reload' });
            return reload();
          },
        },
        (code) => log.write({ event: 'adminSocketFailed', path: socketPath, code }),
      );
      if (admin !== undefined && log.outputFormat !== 'text') {
        log.write({ event: 'adminSocket', path: socketPath });
      }
      tellStarted(server, metrics, flags, config, settings, log);
      hangup.onRequest(reload);
      // A drain closes the server.
      if (!stop.signal.aborted) await Promise.race([once(stop.signal, 'abort'), server.closed]);
    } finally {
      await server.close();
      await admin?.close();
      await metrics?.close();
    }
  } finally {
    await log.close();
    if (hangup.isTerminalGone) hangup.end();
  }
}

function warnOfUnknownKeys(config: ConfigFile, log: ServeLog): void {
  for (const key of config.unknownKeys) {
    printError(`${config.path}: the key ${JSON.stringify(key)} means nothing here and is ignored.`);
  }
  logUnknownKeys(config, log.write);
}

async function startServer(
  identityFolder: string,
  { reloadable }: ConfigFile,
  { host: hosts, port, protocolVersion, padding }: ServeSettings,
  log: ServeLog,
): Promise<QuietRoomServer> {
  if (!existsSync(join(identityFolder, CERT_FILE))) {
    if (log.outputFormat !== 'json') printLine('Making a key and a certificate ...');
    if (log.outputFormat !== 'text') log.write({ event: 'makingIdentity', folder: identityFolder });
  }
  const write = (entry: ServeEntry): void => {
    // The introduction prints this.
    if (entry.event !== 'listening' || log.outputFormat !== 'text') log.write(entry);
  };
  try {
    return await listenOnFirst(hosts, (host) =>
      QuietRoomServer.start({
        ...reloadable,
        host,
        port,
        protocolVersion,
        padding,
        identityFolder,
        log: write,
      }),
    );
  } catch (error) {
    throw serveFailure(error, { host: hosts[0], port, identityFolder });
  }
}

async function startMetrics(
  server: QuietRoomServer,
  { metricsPort }: ServeSettings,
  log: ServeLog,
): Promise<MetricsServer | undefined> {
  if (metricsPort === undefined) return undefined;
  try {
    const metrics = await MetricsServer.listen(metricsPort, () =>
      prometheusText(serverMetrics(server.stats())),
    );
    if (log.outputFormat !== 'text') log.write({ event: 'metrics', host: METRICS_HOST, port: metrics.port });
    return metrics;
  } catch (error) {
    throw metricsFailure(error, METRICS_HOST, metricsPort);
  }
}

function tellStarted(
  { host, port, certPem }: QuietRoomServer,
  metrics: MetricsServer | undefined,
  flags: ServeFlags,
  config: ConfigFile,
  { protocolVersion }: ServeSettings,
  log: ServeLog,
): void {
  const certificate = join(flags.dir, CERT_FILE);
  const sha256 = new X509Certificate(certPem).fingerprint256;
  if (log.outputFormat !== 'text') log.write({ event: 'serving', protocolVersion, certificate, sha256 });
  if (log.outputFormat === 'json') return;
  introduce({
    host,
    port,
    protocolVersion,
    certificate,
    sha256,
    metricsPort: metrics?.port,
    openedBy: config.isThere && isHostDefault(flags, config) ? config.path : undefined,
  });
}
