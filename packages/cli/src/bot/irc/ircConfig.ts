import { z } from 'zod';
import { isLoopback } from '../../settings/loopback.js';
import { MAX_TIMER_SECONDS } from '../configFile.js';

const seconds = z.number().min(0).max(MAX_TIMER_SECONDS);
const count = z.int().min(1).max(10_000_000);
const secret = z.string().min(1).optional();

const LINK = z.strictObject({
  place: z.string().regex(/^(#\S+|lobby)$/, 'must be a room such as #ops, or "lobby"'),
  room_password_file: secret,
  channel: z
    .string()
    .max(100)
    .regex(/^[#&+!][^\s,\p{Cc}]+$/u, 'must be a channel such as #ops'),
  channel_key_file: secret,
});

/** The settings of the bridge, as in its file. */
export const IRC_CONFIG = z
  .strictObject({
    irc: z
      .strictObject({
        host: z.string().min(1),
        port: z.int().min(1).max(65_535).optional(),
        tls: z.boolean().default(true),
        tls_ca_file: secret,
        tls_fingerprint: z
          .string()
          .transform((text) => text.replaceAll(':', '').toLowerCase())
          .pipe(z.string().regex(/^[\da-f]{64}$/, 'must be a SHA-256 fingerprint: 64 hexadecimal digits'))
          .optional(),
        nick: z
          .string()
          .regex(/^[A-Za-z[\]\\`_^{|}][\w[\]\\`^{|}-]{0,29}$/, 'must be a nick of IRC')
          .default('Bridge'),
        real_name: z
          .string()
          .regex(/^[^\p{Cc}]{1,50}$/u)
          .default('Bridge to QuietRoom'),
        server_password_env: secret,
        server_password_file: secret,
        sasl_account: z
          .string()
          .regex(/^[^\s\p{Cc}]+$/u)
          .optional(),
        sasl_password_env: secret,
        sasl_password_file: secret,
        burst: z.int().min(2).max(1000).default(5),
        lines_per_second: z.number().positive().max(100_000).default(2),
        max_lines: z.int().min(1).max(1000).default(20),
      })
      .refine((irc) => !hasSecret(irc) || irc.tls || isLoopback(irc.host), {
        path: ['tls'],
        message: 'must be true: without TLS, the password would be sent in clear text',
      })
      .refine((irc) => (irc.sasl_account !== undefined) === hasSasl(irc), {
        path: ['sasl_account'],
        message: 'give sasl_account with sasl_password_env or sasl_password_file',
      })
      .transform(({ port, ...irc }) => ({ ...irc, port: port ?? (irc.tls ? 6697 : 6667) })),
    formatting: z.enum(['strip', 'markdown']).default('strip'),
    presence: z.boolean().default(true),
    presence_seconds: seconds.default(60),
    ignore_nicks: z.array(z.string().min(1)).default([]),
    ignore_names: z.array(z.string().min(1)).default([]),
    store: z.string().min(1).default('irc-store'),
    dead_letters: z.string().min(1).default('irc-dead-letters.jsonl'),
    max_pending: count.default(10_000),
    max_age: z.number().positive().max(10_000_000).default(86_400),
    max_refusals: count.default(5),
    links: z.array(LINK).min(1),
  })
  .refine(({ links }) => new Set(links.map(({ place }) => place)).size === links.length, {
    path: ['links'],
    message: 'two links have the same place',
  })
  .refine(({ links }) => new Set(links.map(({ channel }) => channel.toLowerCase())).size === links.length, {
    path: ['links'],
    message: 'two links have the same channel',
  });

export type IrcConfig = z.infer<typeof IRC_CONFIG>;
export type Link = z.infer<typeof LINK>;

interface Secrets {
  readonly server_password_env?: string | undefined;
  readonly server_password_file?: string | undefined;
  readonly sasl_password_env?: string | undefined;
  readonly sasl_password_file?: string | undefined;
}

function hasSasl(irc: Secrets): boolean {
  return irc.sasl_password_env !== undefined || irc.sasl_password_file !== undefined;
}

function hasSecret(irc: Secrets): boolean {
  return hasSasl(irc) || irc.server_password_env !== undefined || irc.server_password_file !== undefined;
}

/** The settings file that `--init` writes. */
export const IRC_TEMPLATE = `# Connects rooms with channels of an IRC server: quietroom bot irc

# Formatting and colours of IRC are left out ("strip"), or bold becomes **bold** and so on ("markdown"):
# formatting = "strip"

# Joins and leaves are told in one line after so many seconds, or not at all:
# presence = true
# presence_seconds = 60

# Nicks of IRC and names of the chat whose messages are not relayed, such as other bots:
# ignore_nicks = []
# ignore_names = []

# The folder for messages that are not delivered yet, and the file for those that could not be delivered:
# store = "irc-store"
# dead_letters = "irc-dead-letters.jsonl"
# The most messages that may wait, after how many seconds they are given up, and after how many refusals of
# the IRC server:
# max_pending = 10000
# max_age = 86400
# max_refusals = 5

[irc]
host = "irc.example.org"
# Default: 6697 with TLS, 6667 without.
# port = 6697
# tls = true
# The certificate is verified against the authorities that Node knows, against those of a PEM file, or against the
# SHA-256 fingerprint of the certificate itself:
# tls_ca_file = "irc-ca.pem"
# tls_fingerprint = "AB:CD:..."

# nick = "Bridge"
# real_name = "Bridge to QuietRoom"
# Passwords come from a variable of the environment or from a file.
# server_password_env = "IRC_SERVER_PASSWORD"
# sasl_account = "bridge"
# sasl_password_file = "/run/credentials/irc-password"

# Lines that may be sent at once, lines per second in the long run, and lines that one message may become:
# burst = 5
# lines_per_second = 2
# max_lines = 20

# Each link connects a room, or the "lobby", with a channel.
[[links]]
place = "#general"
channel = "#general"
# room_password_file = "/run/credentials/room-password"
# channel_key_file = "/run/credentials/channel-key"
`;
