import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConnectorError,
  QuietRoomConnector,
  type ConnectorErrorCode,
  type ConnectorState,
  type FileOffer,
  type FileStage,
  type MessageEvent,
  type Receipt,
  type SentFile,
} from 'quietroom-connector';

/** Compiles only when a value has exactly this type: when either can stand for the other. */
const exactly =
  <Expected>() =>
  <Actual extends Expected>(
    _value: Actual,
    ..._proof: [Expected] extends [Actual] ? [] : [never]
  ): void => {};

test('what callers need not write down is inferred', () => {
  const bot = new QuietRoomConnector({ whileDisconnected: 'hold', reconnect: { maxDelay: 5 } });
  const chained = bot
    .onDm((sender, message, event) => {
      exactly<string>()(sender);
      exactly<string>()(message);
      exactly<'dm'>()(event.type);
    })
    .onRoomMessage((room, _sender, _message, event) => {
      exactly<string>()(room);
      exactly<string>()(event.time);
    })
    .onPresence((_, change, event) => {
      exactly<'joined' | 'left'>()(change);
      exactly<string | undefined>()(event.room);
    })
    .onFileOffer(async (offer) => {
      exactly<FileOffer>()(offer);
      const { path, bytes } = await offer.accept({ folder: '.' });
      exactly<string | undefined>()(path);
      exactly<number>()(bytes);
    })
    .onStateChange((state, { cause }) => {
      exactly<ConnectorState>()(state);
      exactly<Error | undefined>()(cause);
    })
    .onDisconnect((reason) => {
      if (reason) exactly<ConnectorErrorCode>()(reason.code);
    });
  exactly<QuietRoomConnector>()(chained);
  assert.equal(chained, bot);
});

/** Only compiled. */
export async function send(bot: QuietRoomConnector): Promise<string> {
  const transfer = bot.sendFile('alice', 'report.pdf', {
    onProgress: ({ stage }) => exactly<FileStage>()(stage),
  });
  for await (const { totalBytes } of transfer.progress) exactly<number | undefined>()(totalBytes);
  const sent = await transfer;
  exactly<SentFile>()(sent);
  return sent.sha256;
}

function placeOf(event: MessageEvent): string {
  switch (event.type) {
    case 'room':
      return event.room;
    case 'presence':
      return event.room ?? 'server';
    case 'dm':
    case 'lobby':
    case 'fileOffer':
      return event.sender;
    case 'answer':
    case 'system':
      return event.text;
  }
}

function whyNot(receipt: Receipt): string {
  if (receipt.status === 'accepted') return `${receipt.parts}`;
  if (receipt.status === 'refused') exactly<'recipient-offline' | 'not-a-member'>()(receipt.reason);
  else exactly<'no-answer' | 'connection-lost'>()(receipt.reason);
  return receipt.reason;
}

test('events and receipts are told apart by one field', () => {
  assert.equal(whyNot({ status: 'accepted', parts: 2, acceptedParts: 2 }), '2');
  assert.equal(placeOf({ type: 'system', text: 'x', raw: 'x', receivedAt: new Date(), own: false }), 'x');
});

test('mistakes are found when they are compiled', () => {
  const wrong: (() => unknown)[] = [
    // @ts-expect-error -- there is no such option.
    () => new QuietRoomConnector({ server_host: 'chat.example' }),
    // @ts-expect-error -- there is no such policy.
    () => new QuietRoomConnector({ whileDisconnected: 'keep' }),
    // @ts-expect-error -- durations are numbers.
    () => new QuietRoomConnector({ connectTimeout: '30' }),
  ];
  for (const make of wrong) assert.throws(make, ConnectorError);
});
