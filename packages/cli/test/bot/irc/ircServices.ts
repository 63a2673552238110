import { eventually, Running } from '../../harness/quietroom.js';
import { PROGRAMS, SERVICES_PASSWORD, type IrcServer } from './ircServers.js';
import { IrcUser } from './ircUser.js';

/** The services of an IRC server, which keep accounts. */
export class IrcServices implements AsyncDisposable {
  readonly #process: Running;

  private constructor(process: Running) {
    this.#process = process;
  }

  /** Starts them beside a server with the option `services`. */
  static async start({ folder, servicesPort, port }: IrcServer): Promise<IrcServices> {
    const modules = [
      'protocol/inspircd',
      'backend/opensex',
      'crypto/pbkdf2v2',
      'nickserv/main',
      'nickserv/register',
      'saslserv/main',
      'saslserv/plain',
    ];
    const conf = await folder.write(
      'services.conf',
      `${modules.map((module) => `loadmodule "modules/${module}";`).join('\n')}
serverinfo {
  name = "services.test.example"; desc = "services"; numeric = "00A"; netname = "Test"; recontime = 1;
  adminname = "admin"; adminemail = "admin@test.example"; registeremail = "services@test.example";
  auth = none; casemapping = rfc1459;
};
uplink "irc.test.example" {
  host = "127.0.0.1"; port = ${servicesPort};
  send_password = "${SERVICES_PASSWORD}"; receive_password = "${SERVICES_PASSWORD}";
};
nickserv { nick = "NickServ"; user = "NickServ"; host = "services.test.example"; real = "NickServ"; };
saslserv { nick = "SaslServ"; user = "SaslServ"; host = "services.test.example"; real = "SaslServ"; };
`,
    );
    const files = [
      '-D',
      folder.path,
      '-l',
      `${folder.path}/services.log`,
      '-p',
      `${folder.path}/services.pid`,
    ];
    const services = new IrcServices(new Running(PROGRAMS.atheme, ['-n', '-c', conf, ...files]));
    await using visitor = await IrcUser.join(port, 'visitor');
    await eventually('the services are there', async () => {
      visitor.write('CAP LS 302');
      await visitor.settled();
      return visitor.lines.some((line) => line.includes('sasl=PLAIN'));
    });
    return services;
  }

  /** Makes an account. */
  async register(port: number, account: string, password: string): Promise<void> {
    await using user = await IrcUser.join(port, account);
    user.say('NickServ', `REGISTER ${password} ${account}@test.example`);
    await user.reads(/ 900 .*You are now logged in as/);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
