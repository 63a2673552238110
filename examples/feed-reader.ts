// Posts the news of an RSS, Atom or JSON feed in a room, until Ctrl-C. It needs: npm install feedsmith
//   node examples/dist/feed-reader.js https://blog.example/feed.xml "#news" [SECONDS]      default: every 600 seconds
import { Bot } from '@quietroom/bot';
import { parseFeed } from 'feedsmith';

const [url, room, seconds = '600'] = process.argv.slice(2);
if (url === undefined || room === undefined) {
  console.error('usage: feed-reader.js URL #ROOM [SECONDS]');
  process.exit(1);
}
const MAX_BYTES = 5_000_000;
/** The newest that is posted at once. */
const MAX_POSTS = 5;

const bot = new Bot({
  serverHost: process.env.QUIETROOM_HOST ?? 'localhost',
  serverPort: Number(process.env.QUIETROOM_PORT ?? 37842),
  certFile: process.env.QUIETROOM_CERT ?? 'chat_public.pem',
  username: 'News',
  rooms: [room],
});
/** Entries that were posted, or existed at the start. */
let known: ReadonlySet<string> | undefined;

/** The items as one line each, newest first. */
async function items(address: string): Promise<string[]> {
  const response = await fetch(address, { signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  if (!response.ok || text.length > MAX_BYTES) throw new Error(`The feed answers ${response.status}.`);
  const parsed = parseFeed(text);
  switch (parsed.format) {
    case 'atom':
      return (parsed.feed.entries ?? []).map(
        ({ title, links }) => `${title?.value} ${links?.[0]?.href ?? ''}`,
      );
    case 'json':
      return (parsed.feed.items ?? []).map((item) => `${item.title} ${item.url ?? ''}`);
    default:
      return (parsed.feed.items ?? []).map(({ title, link }) => `${title} ${link ?? ''}`);
  }
}

bot.every(Number(seconds), async () => {
  const all = await items(url);
  const fresh = known === undefined ? [] : all.filter((item) => !known?.has(item)).slice(0, MAX_POSTS);
  known = new Set([...(known ?? []), ...all]);
  for (const item of fresh.toReversed()) await bot.connector.sendRoomMessage(room, item);
});
bot.catch((error) => console.error(error instanceof Error ? error.message : error));

await bot.run();
