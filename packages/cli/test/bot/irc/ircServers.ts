import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { firstIdentity } from '@quietroom/testing';
import { eventually, Folder, Running } from '../../harness/quietroom.js';

export const PROGRAMS = {
  ngircd: '/usr/sbin/ngircd',
  inspircd: '/usr/sbin/inspircd',
  atheme: '/usr/bin/atheme-services',
} as const;

export type Ircd = 'ngircd' | 'inspircd';

/** Why tests with this program are skipped; false when it is there. */
export function missing(program: keyof typeof PROGRAMS): string | false {
  return existsSync(PROGRAMS[program]) ? false : `${program} is not installed`;
}

export interface IrcServerOptions {
  /** Leave the flood limits of the server as they are. */
  readonly limited?: boolean;
  /** Take SASL from services. */
  readonly services?: boolean;
}

export const SERVICES_PASSWORD = 'services-password';

/** A real IRC server, with a plain port and one for TLS. */
export class IrcServer implements AsyncDisposable {
  readonly kind: Ircd;
  readonly port: number;
  readonly tlsPort: number;
  readonly servicesPort: number;
  readonly #folder: Folder;
  #process: Running | undefined;

  private constructor(kind: Ircd, folder: Folder, ports: readonly number[]) {
    this.kind = kind;
    this.#folder = folder;
    [this.port = 0, this.tlsPort = 0, this.servicesPort = 0] = ports;
  }

  static async start(kind: Ircd, options: IrcServerOptions = {}): Promise<IrcServer> {
    const folder = await Folder.make();
    const server = new IrcServer(kind, folder, await freePorts(3));
    // ngircd gives up root.
    await chmod(folder.path, 0o755);
    await folder.write('cert.pem', firstIdentity.certPem);
    await folder.write('key.pem', firstIdentity.keyPem);
    await folder.write(
      'server.conf',
      kind === 'ngircd' ? server.#ngircd(options) : server.#inspircd(options),
    );
    await server.run();
    return server;
  }

  get folder(): Folder {
    return this.#folder;
  }

  /** SHA-256 of the certificate. */
  get fingerprint(): string {
    const { raw } = new X509Certificate(firstIdentity.certPem);
    return createHash('sha256').update(raw).digest('hex');
  }

  /** Starts the server, also again. */
  async run(): Promise<void> {
    const conf = `${this.#folder.path}/server.conf`;
    this.#process =
      this.kind === 'ngircd'
        ? new Running(PROGRAMS.ngircd, ['-n', '-f', conf])
        : new Running(PROGRAMS.inspircd, ['--nofork', '--runasroot', '--config', conf]);
    await eventually(`${this.kind} listens`, () => canConnect(this.port));
  }

  /** Stops it from reading and writing, as if it hung; `kill` ends it all the same. */
  freeze(): void {
    this.#process?.signal('SIGSTOP');
  }

  /** Ends it at once, so that nothing more is passed on. */
  async kill(): Promise<void> {
    this.#process?.signal('SIGKILL');
    await this.#process?.ended();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }

  #ngircd({ limited = false }: IrcServerOptions): string {
    return `
[Global]
Name = irc.test.example
Info = test
AdminEMail = admin@test.example
Listen = 127.0.0.1
Ports = ${this.port}
MotdPhrase = test
[Limits]
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
${limited ? '' : 'MaxPenaltyTime = 0'}
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = ${this.#folder.path}/cert.pem
KeyFile = ${this.#folder.path}/key.pem
Ports = ${this.tlsPort}
`;
  }

  #inspircd({ limited = false, services = false }: IrcServerOptions): string {
    const limits = limited
      ? ''
      : 'fakelag="off" threshold="1000" commandrate="1000000" recvq="1M" softsendq="1M" hardsendq="8M"';
    return `
<server name="irc.test.example" description="test" network="Test">
<admin name="a" nick="a" email="admin@test.example">
<module name="ssl_gnutls">
<module name="cap">
<module name="ircv3">
<sslprofile name="test" provider="gnutls" certfile="${this.#folder.path}/cert.pem" keyfile="${this.#folder.path}/key.pem">
<bind address="127.0.0.1" port="${this.port}" type="clients">
<bind address="127.0.0.1" port="${this.tlsPort}" type="clients" sslprofile="test">
<connect allow="*" timeout="60" localmax="1000" globalmax="1000" resolvehostnames="no" ${limits}>
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="${this.#folder.path}/log">
<pid file="${this.#folder.path}/pid">
${
  services
    ? `
<module name="spanningtree">
<module name="services_account">
<module name="sasl">
<sasl target="services.test.example" requiressl="no">
<bind address="127.0.0.1" port="${this.servicesPort}" type="servers">
<link name="services.test.example" ipaddr="127.0.0.1" port="${this.servicesPort}" allowmask="127.0.0.1/32" sendpass="${SERVICES_PASSWORD}" recvpass="${SERVICES_PASSWORD}">
<uline server="services.test.example" silent="yes">`
    : ''
}
`;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  // A server that listens on a TCP port has such an address.
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  return ports;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
