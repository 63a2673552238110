import { MAX_NAME_BYTES } from '@quietroom/protocol/constants';
import { z } from 'zod';
import { MAX_TIMER_SECONDS } from '../configFile.js';
import { SOURCES } from './sources/sources.js';

const seconds = z.number().min(0).max(MAX_TIMER_SECONDS);
const count = z.int().min(1).max(10_000_000);

const ROUTE = z
  .strictObject({
    path: z.string().regex(/^\/[\w./-]*$/, 'must begin with / and have letters, digits and . _ - only'),
    source: z.enum(SOURCES),
    to: z
      .string()
      .regex(
        new RegExp(`^(#\\S+|[A-Za-z0-9_.-]{1,${MAX_NAME_BYTES}})$`),
        'must be a room such as #ops, or the name of a user without blanks',
      ),
    room_password_file: z.string().min(1).optional(),
    auth: z.enum(['bearer', 'hmac', 'gitlab', 'none']),
    secret_env: z.string().min(1).optional(),
    secret_file: z.string().min(1).optional(),
    signature_header: z.string().min(1).toLowerCase().default('x-hub-signature-256'),
    template: z.string().min(1).optional(),
    repeat_seconds: seconds.default(14_400),
    group_seconds: seconds.default(2),
    resolved: z.boolean().default(true),
  })
  .refine((route) => (route.source === 'json') === (route.template !== undefined), {
    path: ['template'],
    message: 'the source json needs a template, and no other source takes one',
  })
  .refine(
    (route) =>
      route.auth === 'none' || (route.secret_env === undefined) !== (route.secret_file === undefined),
    {
      path: ['auth'],
      message: 'give secret_env or secret_file, and not both',
    },
  );

/** The settings of the relay, as in its file. */
export const RELAY_CONFIG = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535).default(8460),
    store: z.string().min(1).default('relay-store'),
    dead_letters: z.string().min(1).default('dead-letters.jsonl'),
    max_body_bytes: z.int().min(1).max(100_000_000).default(1_000_000),
    max_pending: count.default(10_000),
    max_age: z.number().positive().max(10_000_000).default(86_400),
    routes: z.array(ROUTE).min(1),
  })
  .refine(({ routes }) => new Set(routes.map(({ path }) => path)).size === routes.length, {
    path: ['routes'],
    message: 'two routes have the same path',
  });

export type RelayConfig = z.infer<typeof RELAY_CONFIG>;
export type Route = z.infer<typeof ROUTE>;

/** The settings file that `--init` writes. */
export const RELAY_TEMPLATE = `# Relays HTTP requests of other programs to QuietRoom: quietroom bot relay

# Where it listens. Keep it on this machine; let a web server with TLS pass requests on.
# host = "127.0.0.1"
# port = 8460

# The folder for messages that are not delivered yet, and the file for those that could not be delivered:
# store = "relay-store"
# dead_letters = "dead-letters.jsonl"

# The largest request, the most messages that may wait, and after how many seconds they are given up:
# max_body_bytes = 1000000
# max_pending = 10000
# max_age = 86400

# Each path has a source: "text", "json", "alertmanager", "grafana", "github", "gitlab" or "uptime-kuma".
[[routes]]
path = "/alerts"
source = "alertmanager"
# A room, or the name of a user. Whoever has the name gets the messages: prefer a room with a password.
to = "#ops"
# room_password_file = "/run/credentials/room-password"
# "bearer" (Authorization: Bearer SECRET), "hmac" (SHA-256 of the body, as GitHub signs), "gitlab" (X-Gitlab-Token)
# or "none".
auth = "bearer"
secret_env = "RELAY_SECRET"
# secret_file = "/run/credentials/relay-secret"
# The same alert is not told again for this long; what comes within group_seconds is told in one message; false leaves
# out that alerts have resolved:
# repeat_seconds = 14400
# group_seconds = 2
# resolved = true

# [[routes]]
# path = "/github"
# source = "github"
# to = "#dev"
# auth = "hmac"
# secret_env = "GITHUB_SECRET"

# [[routes]]
# path = "/builds"
# source = "json"
# template = "{{project}} is {{build.status}}"
# to = "#dev"
# auth = "bearer"
# secret_env = "BUILD_SECRET"
`;
