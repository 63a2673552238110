import type { X509Certificate } from 'node:crypto';
import type { ServerBench, ServerCase, ServerGroup } from '../serverBench.js';

async function presented(bench: ServerBench): Promise<X509Certificate> {
  const wire = await bench.connect();
  const certificate = wire.socket.getPeerX509Certificate();
  return certificate ?? bench.fails('a certificate', 'none');
}

/** What servers put into the certificate that they make. */
function certificateCase(
  id: string,
  title: string,
  expected: string,
  read: (certificate: X509Certificate) => readonly [isMet: boolean, seen: unknown],
): ServerCase {
  return {
    id: `certificate-${id}`,
    title,
    async run(bench) {
      const [isMet, seen] = read(await presented(bench));
      bench.check(expected, isMet, seen);
    },
  };
}

/** A client that does this and no more harms nobody. */
function harmless(id: string, title: string, act: (bench: ServerBench) => Promise<unknown>): ServerCase {
  return {
    id,
    title,
    async run(bench) {
      await act(bench);
      await bench.isAlive();
    },
  };
}

/** The object identifier of the basic constraints, and what they hold for a CA: DER. */
const BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');
const IS_CA = Buffer.from('30030101ff', 'hex');
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const YEAR_MS = 365.25 * 24 * 3600 * 1000;

export const transport: ServerGroup = {
  name: 'transport',
  title: 'Transport and TLS',
  cases: [
    {
      id: 'tls-1.3',
      title: 'TLS 1.3 is spoken',
      async run(bench) {
        const wire = await bench.connect();
        bench.check('TLSv1.3', wire.socket.getProtocol() === 'TLSv1.3', wire.socket.getProtocol());
      },
    },
    {
      id: 'no-tls-1.2',
      title: 'TLS 1.2 is refused',
      async run(bench) {
        const options = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
        const seen = await bench.connect(options).then(
          (wire) => wire.socket.getProtocol() ?? 'a connection',
          () => 'refused',
        );
        bench.check('no connection with TLS 1.2', seen === 'refused', seen);
      },
    },
    {
      id: 'pin',
      title: 'the certificate presented is the pinned one, byte for byte',
      async run(bench) {
        const seen = await presented(bench);
        const { fingerprint256 } = bench.certificate;
        bench.check(fingerprint256, seen.raw.equals(bench.certificate.raw), seen.fingerprint256);
      },
    },
    {
      id: 'same-certificate',
      title: 'all connections are presented the same certificate',
      async run(bench) {
        const [one, two] = [await presented(bench), await presented(bench)];
        bench.check(one.fingerprint256, one.raw.equals(two.raw), two.fingerprint256);
      },
    },
    {
      id: 'server-speaks-first',
      title: 'the server sends its key without waiting for the client',
      async run(bench) {
        const wire = await bench.connect();
        const length = await bench.tries('four bytes of length', () => wire.take(4));
        bench.check('a length up to 256', length.readUInt32BE() <= 256, length.readUInt32BE());
      },
    },
    certificateCase('rsa', 'the certificate holds an RSA key', 'rsa', ({ publicKey }) => [
      publicKey.asymmetricKeyType === 'rsa',
      publicKey.asymmetricKeyType,
    ]),
    certificateCase('key-size', 'the RSA key has at least 2048 bits', '2048 or more', ({ publicKey }) => [
      (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048,
      publicKey.asymmetricKeyDetails?.modulusLength,
    ]),
    certificateCase(
      'self-signed',
      'the certificate is signed with its own key',
      'self-signed',
      (certificate) => [certificate.verify(certificate.publicKey), certificate.issuer],
    ),
    certificateCase('issuer', 'the issuer is the subject', 'equal names', ({ issuer, subject }) => [
      issuer === subject,
      `${issuer} and ${subject}`,
    ]),
    certificateCase('organisation', 'the organisation is "Private Chat"', 'O=Private Chat', ({ subject }) => [
      subject.split('\n').includes('O=Private Chat'),
      subject,
    ]),
    certificateCase(
      'name',
      'the common name is "Self-Hosted Chat Server"',
      'CN=Self-Hosted Chat Server',
      ({ subject }) => [subject.split('\n').includes('CN=Self-Hosted Chat Server'), subject],
    ),
    certificateCase('serial', 'the serial number is 1', '01', ({ serialNumber }) => [
      Number.parseInt(serialNumber, 16) === 1,
      serialNumber,
    ]),
    certificateCase('no-alternative-names', 'no other names are given', 'no names', ({ subjectAltName }) => [
      subjectAltName === undefined,
      subjectAltName ?? 'none',
    ]),
    certificateCase('ca', 'the certificate is marked as a CA', 'basic constraints with CA', ({ raw }) => {
      const at = raw.indexOf(BASIC_CONSTRAINTS);
      const isCa = at > 0 && raw.subarray(at, at + 16).includes(IS_CA);
      return [isCa, isCa ? 'basic constraints with CA' : 'none'];
    }),
    certificateCase('server-use', 'the certificate is for servers', 'serverAuth', (certificate) => {
      // Node's types leave out that it is undefined when the certificate names none.
      const usages = certificate.keyUsage as readonly string[] | undefined;
      return [usages?.includes(SERVER_AUTH) === true, usages ?? 'none'];
    }),
    certificateCase(
      'valid',
      'the certificate is valid today',
      'today within its dates',
      ({ validFrom, validTo }) => [
        Date.parse(validFrom) <= Date.now() && Date.now() < Date.parse(validTo),
        `${validFrom} to ${validTo}`,
      ],
    ),
    certificateCase(
      'ten-years',
      'the certificate is valid for ten years',
      'about ten years',
      (certificate) => {
        const years = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / YEAR_MS;
        return [Math.abs(years - 10) < 0.1, `${years.toFixed(2)} years`];
      },
    ),
    harmless('tcp-only', 'a client that connects and closes harms nobody', async (bench) => {
      (await bench.tcp()).destroy();
    }),
    harmless('tcp-silent', 'a client that connects and says nothing harms nobody', (bench) => bench.tcp()),
    harmless('tcp-garbage', 'bytes that are no TLS harm nobody', async (bench) => {
      (await bench.tcp()).write(Buffer.alloc(4096, 'garbage '));
    }),
    harmless('tcp-http', 'an HTTP request harms nobody', async (bench) => {
      (await bench.tcp()).write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    }),
    harmless('tls-half-hello', 'half of a TLS handshake harms nobody', async (bench) => {
      (await bench.tcp()).write(Buffer.from('16030100f8010000f40303', 'hex'));
    }),
    harmless('tcp-reset', 'a reset of the TCP connection harms nobody', async (bench) => {
      (await bench.tcp()).resetAndDestroy();
    }),
    harmless('tls-only', 'a client that closes after the TLS handshake harms nobody', async (bench) => {
      (await bench.connect()).end();
    }),
    harmless('tls-reset', 'a reset after the TLS handshake harms nobody', async (bench) => {
      (await bench.connect()).reset();
    }),
    harmless('tls-silent', 'a client that says nothing after the TLS handshake harms nobody', (bench) =>
      bench.connect(),
    ),
  ],
};
