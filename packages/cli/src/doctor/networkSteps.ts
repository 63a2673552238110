import { connect, isIP } from 'node:net';
import { fetchLiveCertificate, TlsError, type LiveCertificate } from '../pin/liveCertificate.js';
import { ok, unreachable, type CheckResult } from './checkResult.js';
import { named, type Address, type Target } from './target.js';
import { TimeUpError, withinSeconds } from './timeLimit.js';
import { errorCode } from '../failures/errorCode.js';

/** A result, and on success the value that later steps use. */
export interface Found<T> {
  readonly checkResult: CheckResult;
  readonly value?: T;
}

/** At most this many addresses are tried. */
const MAX_ADDRESSES = 8;

export async function lookUp(target: Target): Promise<Found<readonly Address[]>> {
  const { host, connectSeconds, lookup } = target;
  const family = isIP(host);
  if (family !== 0) {
    return {
      checkResult: ok(`nothing to look up: an IPv${family} address`),
      value: [{ address: host, family }],
    };
  }
  try {
    const all = await withinSeconds(target, connectSeconds, () => lookup(host));
    const addresses = all.slice(0, MAX_ADDRESSES);
    const families = addresses.map(({ family: version }) => `IPv${version}`).join(', ');
    const names = named(target, addresses.map(({ address }) => address).join(', '));
    const count = addresses.length === 1 ? '1 address' : `${addresses.length} addresses`;
    return {
      checkResult: ok(`${count}: ${families}${names}`, { addresses: addresses.length }),
      value: addresses,
    };
  } catch (error) {
    return { checkResult: lookUpProblem(error, connectSeconds) };
  }
}

function lookUpProblem(error: unknown, seconds: number): CheckResult {
  if (error instanceof TimeUpError) {
    return unreachable(
      `no answer within ${seconds} s`,
      'The name servers of this machine do not answer.',
      'Check the network; or give the IP address by --host.',
    );
  }
  const code = codeOf(error);
  if (code === 'ENOTFOUND') {
    return unreachable(
      'there is no host of this name (ENOTFOUND)',
      'A slip in the name, or it is known in another network only.',
      'Check --host; or give the IP address.',
    );
  }
  return unreachable(
    `the name cannot be looked up (${code})`,
    'The name servers of this machine cannot be reached, or fail.',
    'Check the network; or give the IP address by --host.',
  );
}

/** Tries all addresses at once; uses the first in DNS order that connects. */
export async function connectTcp(target: Target, addresses: readonly Address[]): Promise<Found<Address>> {
  const { port, connectSeconds } = target;
  const outcomes = await Promise.all(addresses.map((address) => tryAddress(target, address)));
  const open = addresses.find((_, index) => outcomes[index] === 'open');
  const list = addresses
    .map(({ address, family }, index) => `IPv${family}${named(target, address)} ${outcomes[index]}`)
    .join(', ');
  const facts = { addresses: addresses.length, open: outcomes.filter((one) => one === 'open').length };
  if (open) {
    const detail = facts.open === facts.addresses ? `port ${port} is open` : `port ${port}: ${list}`;
    return { checkResult: ok(detail, facts), value: open };
  }
  if (outcomes.includes('ECONNREFUSED')) {
    return {
      checkResult: unreachable(
        `port ${port} refuses connections: ${list}`,
        'The machine is there, but nothing listens on this port at this address.',
        'Start the server ("quietroom serve"), or check --host and --port. A server that listens on 127.0.0.1 is open to its own machine only: start it with --host 0.0.0.0.',
      ),
    };
  }
  if (outcomes.includes('ETIMEDOUT')) {
    return {
      checkResult: unreachable(
        `port ${port} does not answer within ${connectSeconds} s: ${list}`,
        'A firewall drops what is sent there, or the machine is off or elsewhere.',
        'Check --host and --port, and the firewalls of both sides.',
      ),
    };
  }
  return {
    checkResult: unreachable(
      `port ${port} cannot be reached: ${list}`,
      'There is no way from this machine to that address.',
      'Check the network, VPNs and --host.',
    ),
  };
}

/** `open`, or the code of the error. */
async function tryAddress(target: Target, { address }: Address): Promise<string> {
  const { port, connectSeconds } = target;
  try {
    await withinSeconds(target, connectSeconds, (signal) => connectOnce(address, port, signal));
    return 'open';
  } catch (error) {
    target.signal.throwIfAborted();
    return error instanceof TimeUpError ? 'ETIMEDOUT' : codeOf(error);
  }
}

function connectOnce(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
  });
}

export async function secure(target: Target, { address }: Address): Promise<Found<LiveCertificate>> {
  const { port, connectSeconds } = target;
  try {
    const live = await withinSeconds(target, connectSeconds, (signal) =>
      fetchLiveCertificate({ host: address, port }, signal),
    );
    return { checkResult: ok(`TLS 1.3, ${live.cipher}`, { cipher: live.cipher }), value: live };
  } catch (error) {
    return { checkResult: tlsProblem(error, target) };
  }
}

const CHECK_PORT = 'Check --host and --port, and that a QuietRoom server listens there.';

function tlsProblem(error: unknown, { connectSeconds, signal }: Target): CheckResult {
  signal.throwIfAborted();
  if (error instanceof TimeUpError) {
    return unreachable(
      `connected, and then no answer within ${connectSeconds} s`,
      'Another kind of service listens there, or the server hangs or has too much to do.',
      `${CHECK_PORT} If so, restart it.`,
    );
  }
  if (!(error instanceof TlsError)) {
    return unreachable(
      `the connection failed (${codeOf(error)})`,
      'The network changed meanwhile.',
      'Run it again.',
    );
  }
  const code = error.code === '' ? '' : ` (${error.code})`;
  switch (error.problem) {
    case 'oldTls':
      return unreachable(
        `no TLS 1.3${code}`,
        'The server, or a proxy before it, speaks older versions of TLS only; QuietRoom servers speak TLS 1.3 only.',
        CHECK_PORT,
      );
    case 'noTls':
      return unreachable(
        `what answers does not speak TLS${code}`,
        'Another service listens on this port, such as a web server without TLS, SSH or mail.',
        CHECK_PORT,
      );
    case 'closed':
      return unreachable(
        `it closed the connection instead of answering${code}`,
        'Another kind of service listens there; or the server, or a proxy before it, lets no more connections in.',
        `${CHECK_PORT} If so, look at its log.`,
      );
    case 'failed':
      return unreachable(
        `the TLS handshake failed${code}`,
        'What answers speaks TLS in a way that QuietRoom servers do not.',
        CHECK_PORT,
      );
  }
}

function codeOf(error: unknown): string {
  return errorCode(error, 'unknown error');
}
