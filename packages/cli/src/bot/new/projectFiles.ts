import { CERT_FILE, DEFAULT_PORT } from '@quietroom/protocol/constants';

/** What the files of a project are made from. */
export interface ProjectNames {
  /** Of the package and its folder, such as `my-bot`. */
  readonly project: string;
  /** On the server, such as `MyBot`. */
  readonly username: string;
  /** Of `@quietroom/bot` and its companions. */
  readonly version: string;
}

/** The files of a new bot, by their paths in its folder. */
export function projectFiles(names: ProjectNames): Readonly<Record<string, string>> {
  return {
    'package.json': `${JSON.stringify(manifest(names), undefined, 2)}\n`,
    'tsconfig.json': `${JSON.stringify(TSCONFIG, undefined, 2)}\n`,
    'src/bot.ts': BOT,
    'src/bot.test.ts': test(names),
    'src/main.ts': main(names),
    [`${names.project}.service`]: unit(names),
    Dockerfile: DOCKERFILE,
    '.dockerignore': 'node_modules\ndist\n*.pem\n',
    '.gitignore': 'node_modules\ndist\n',
    'README.md': readme(names),
  };
}

function manifest({ project, version }: ProjectNames): object {
  return {
    name: project,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: {
      build: 'tsc',
      prestart: 'tsc',
      start: 'node dist/main.js',
      pretest: 'tsc',
      test: 'node --test dist/bot.test.js',
    },
    dependencies: { '@quietroom/bot': version },
    devDependencies: { '@quietroom/server': version, '@types/node': '20.19.43', typescript: '7.0.2' },
  };
}

const TSCONFIG = {
  compilerOptions: {
    rootDir: 'src',
    outDir: 'dist',
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
  },
  include: ['src'],
};

const BOT = `import { arg, Bot, type BotOptions } from '@quietroom/bot';

/** Makes the bot: main.ts runs it, bot.test.ts tests it. */
export function makeBot(options: BotOptions<undefined>): Bot {
  const bot = new Bot(options);

  bot.command('greet', { about: 'Greet somebody', args: { name: arg.text(), loud: arg.flag() } }, (ctx) => {
    const greeting = \`Hello \${ctx.args.name}!\`;
    return ctx.reply(ctx.args.loud ? greeting.toUpperCase() : greeting);
  });

  bot.command('introduce', { about: 'Introduce yourself' }, async (ctx) => {
    const name = await ctx.ask('What is your name?');
    await ctx.reply(\`Nice to meet you, \${name}.\`);
  });

  return bot;
}
`;

function main({ username }: ProjectNames): string {
  return `import { makeBot } from './bot.js';

const { QUIETROOM_HOST = 'localhost', QUIETROOM_PORT = '${DEFAULT_PORT}', QUIETROOM_CERT = '${CERT_FILE}' } = process.env;

const bot = makeBot({
  serverHost: QUIETROOM_HOST,
  serverPort: Number(QUIETROOM_PORT),
  certFile: QUIETROOM_CERT,
  username: process.env.QUIETROOM_USERNAME ?? '${username}',
  log({ level, message }) {
    if (level !== 'debug') console.log(message);
  },
});
bot.catch((error) => console.error(error));

await bot.run();
`;
}

function test({ username }: ProjectNames): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestChat } from '@quietroom/bot/testing';
import { makeBot } from './bot.js';

test('the bot greets, asks and explains', async (t) => {
  const chat = await TestChat.start();
  t.after(() => chat.close());
  await chat.add(makeBot(chat.config('${username}')));
  const alice = await chat.join('alice');
  assert.equal(await alice.ask('${username}', '!greet Bob'), 'Hello Bob!');
  assert.equal(await alice.ask('${username}', '!greet "Bob and Eve" --loud'), 'HELLO BOB AND EVE!');
  assert.equal(await alice.ask('${username}', '!introduce'), 'What is your name?');
  assert.equal(await alice.ask('${username}', 'Alice'), 'Nice to meet you, Alice.');
  assert.match(await alice.ask('${username}', '!gret'), /Did you mean !greet\\?/);
});
`;
}

function unit({ project }: ProjectNames): string {
  return `# Copy it to /etc/systemd/system/, the project to /opt/${project} (after npm ci and npm run build), and the
# server's chat_public.pem to /var/lib/${project}.
[Unit]
Description=${project}, a QuietRoom bot
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=/usr/bin/node /opt/${project}/dist/main.js
Environment=QUIETROOM_HOST=localhost
DynamicUser=yes
StateDirectory=${project}
WorkingDirectory=/var/lib/${project}
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;
}

const DOCKERFILE = `# docker build -t bot . && docker run -e QUIETROOM_HOST=chat.example -v ./chat_public.pem:/data/chat_public.pem:ro bot
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-slim
WORKDIR /data
COPY --from=build /app/package.json /app/package.json
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
USER node
CMD ["node", "/app/dist/main.js"]
`;

function readme({ project, username }: ProjectNames): string {
  return `# ${project}

A QuietRoom bot. It needs Node 20.19 or newer.

\`\`\`sh
npm install
npm test     # on a server in the same process
npm start    # needs the server's certificate, chat_public.pem, in this folder
\`\`\`

Send \`!help\` to ${username} as a direct message.

| variable             | default           |
| -------------------- | ----------------- |
| \`QUIETROOM_HOST\`     | \`localhost\`       |
| \`QUIETROOM_PORT\`     | ${DEFAULT_PORT}             |
| \`QUIETROOM_CERT\`     | \`${CERT_FILE}\` |
| \`QUIETROOM_USERNAME\` | \`${username}\` |

\`src/bot.ts\` is the bot, \`src/bot.test.ts\` its test, \`src/main.ts\` the program. \`${project}.service\` runs it under systemd, the
\`Dockerfile\` in a container.
`;
}
