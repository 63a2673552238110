import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import fc from 'fast-check';
import { FakeClock } from '@quietroom/bot/testing';
import { displayName } from '#src/bot/irc/displayName.js';
import { plainText, textOfIrc } from '#src/bot/irc/formatting.js';
import { ircLines, lineCapacity } from '#src/bot/irc/ircLines.js';
import { combined } from '#src/bot/delivery/combined.js';
import { ReturnGuard } from '#src/bot/irc/returnGuard.js';
import { Members } from '#src/bot/irc/members.js';
import { PresenceFold } from '#src/bot/irc/presenceFold.js';
import { TokenBucket } from '#src/bot/irc/tokenBucket.js';
import { Folder } from '../../harness/quietroom.js';
import { runHere } from '../../harness/runHere.js';

/** Texts of anything, and often of what IRC has a meaning for. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\r\n',
        '\n',
        '\0',
        '\x01',
        '\x03',
        '\x034,5',
        '\x04FF0000',
        '\x02',
        '/quit',
        ' ',
        '<x> ',
        '🏳️‍🌈',
      ),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

suite('formatting', () => {
  const rows: readonly [irc: string, stripped: string, marked: string][] = [
    ['\x02bold\x02 \x1ditalics\x1d', 'bold italics', '**bold** *italics*'],
    ['\x034red\x03 \x0304,12both\x0f end', 'red both end', 'red both end'],
    ['\x03123', '3', '3'],
    ['\x04ff0000,00ff00hex\x04 \x1fline\x1f \x16back\x16', 'hex line back', 'hex line back'],
    ['\x02\x1dopen', 'open', '***open***'],
    ['\x02a\x0fb \x11code\x11 \x1egone\x1e', 'ab code gone', '**a**b `code` ~~gone~~'],
    ['a\0b\rc\nd\x01e\u202ef', 'a b c d e f', 'a b c d e f'],
  ];
  for (const [irc, stripped, marked] of rows) {
    test(`${JSON.stringify(irc)} is ${JSON.stringify(stripped)}`, () => {
      assert.deepEqual([textOfIrc(irc, 'strip'), textOfIrc(irc, 'markdown')], [stripped, marked]);
    });
  }

  test('no control character is left of any text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const result of [plainText(text), textOfIrc(text, 'strip'), textOfIrc(text, 'markdown')]) {
          assert.doesNotMatch(result, /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
          assert.ok(result.isWellFormed());
        }
      }),
      { numRuns: 300 },
    );
  });
});

suite('names', () => {
  test('a usual name stays, others are changed and end in a hash', () => {
    assert.equal(displayName('alice'), 'alice');
    assert.equal(displayName('b[o]b_|^'), 'b[o]b_|^');
    assert.match(displayName('Jo Doe'), /^Jo_Doe~[\w-]{6}$/);
    assert.match(displayName('x> <y'), /^x___y~[\w-]{6}$/);
    assert.match(displayName('é'.repeat(300)), /^é+~[\w-]{6}$/);
    assert.ok(Buffer.byteLength(displayName('é'.repeat(300))) <= 32);
  });

  test('two names never look the same, and none can imitate a changed one', () => {
    const names = ['Jo Doe', 'Jo_Doe', 'Jo\tDoe', 'a'.repeat(33), 'a'.repeat(34), displayName('Jo Doe')];
    assert.equal(new Set(names.map(displayName)).size, names.length);
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        assert.ok(one === other || displayName(one) !== displayName(other));
        assert.doesNotMatch(displayName(one), /[<>\s\p{C}]/u);
      }),
      { numRuns: 300 },
    );
  });
});

suite('lines for IRC', () => {
  test('a text is cut between words, and each line begins with the name', () => {
    assert.deepEqual(ircLines('<a> ', 'one two three four', 14, 10), ['<a> one two', '<a> three four']);
    assert.deepEqual(ircLines('<a> ', '0123456789abcdef', 14, 10), ['<a> 0123456789', '<a> abcdef']);
    assert.deepEqual(ircLines('<a> ', 'x\r\n\n y\u2028z', 14, 10), ['<a> x', '<a> y', '<a> z']);
  });

  test('graphemes stay whole, unless one is longer than a line', () => {
    assert.deepEqual(ircLines('', '🏳️‍🌈🏳️‍🌈', 20, 10), ['🏳️‍🌈', '🏳️‍🌈']);
    const accents = `e${'\u0301'.repeat(20)}`;
    const lines = ircLines('', accents, 20, 10);
    assert.equal(lines.join(''), accents);
    assert.ok(lines.length > 1);
  });

  test('of too many lines the rest is counted', () => {
    assert.deepEqual(ircLines('', '1\n2\n3\n4', 20, 3), ['1', '2', '(2 more lines)']);
    assert.deepEqual(ircLines('', '1\n2\n3', 20, 3), ['1', '2', '3']);
  });

  test('no text makes a line that is too long for IRC, or two, or a command', () => {
    const capacity = lineCapacity('#channel', 30);
    const prefix = `<${'n'.repeat(32)}> `;
    fc.assert(
      fc.property(fc.oneof(hostileText, fc.string({ minLength: 1000, maxLength: 4000 })), (text) => {
        for (const line of ircLines(prefix, text, capacity, 50)) {
          const relayed = `:${'n'.repeat(30)}!${'u'.repeat(12)}@${'h'.repeat(64)} PRIVMSG #channel :(perhaps again) ${line}\r\n`;
          assert.ok(Buffer.byteLength(relayed) <= 512, `${Buffer.byteLength(relayed)}`);
          assert.ok(line.startsWith(prefix));
          assert.doesNotMatch(line, /[\p{Cc}]/u);
        }
      }),
      { numRuns: 200 },
    );
  });
});

suite('loops', () => {
  test('a copy by another bridge is known for ten seconds, whatever it puts before', () => {
    let now = 0;
    const guard = new ReturnGuard(() => now);
    guard.said('<alice> hi');
    guard.said('* alice waves');
    assert.ok(guard.isReturned('Other', '<alice> hi'));
    assert.ok(guard.isReturned('Other', '[Bridge] <alice> hi'));
    assert.ok(guard.isReturned('Other', '<Bridge> * alice waves'));
    assert.ok(!guard.isReturned('bob', 'hi'));
    assert.ok(!guard.isReturned('bob', '<alice> hi!'));
    now = 10_000;
    assert.ok(!guard.isReturned('Other', '<alice> hi'));
  });

  test('two bridges between the same places end a loop that the memory misses', () => {
    let now = 0;
    const later = (): number => (now += 20_000);
    const guard = new ReturnGuard(later);
    let text = 'hi';
    let turns = 0;
    while (turns < 10 && !guard.isReturned('Other', text)) {
      turns++;
      guard.said(`<Other> ${text}`);
      // Back through the other bridge.
      text = `[Bridge] <Other> ${text}`;
    }
    assert.equal(turns, 1);
    // One that puts nothing before it.
    for (text = 'hi', turns = 0; turns < 10 && !guard.isReturned('Other', text); turns++)
      text = `<Other> ${text}`;
    assert.equal(turns, 2);
  });

  test('joins, leaves and repeated messages that come back are known, too', () => {
    let now = 0;
    const guard = new ReturnGuard(() => now);
    guard.said('<alice> hi');
    guard.said('-- joined: bob');
    assert.ok(guard.isReturned('Other', '<Bridge> -- joined: bob'));
    now = 20_000;
    guard.said('(perhaps again) <alice> hi');
    assert.ok(guard.isReturned('Other', '<Bridge> (perhaps again) <alice> hi'));
  });

  test('the memory is bounded', () => {
    const guard = new ReturnGuard(() => 0);
    for (let index = 0; index < 2001; index++) guard.said(`<a> ${index}`);
    assert.ok(!guard.isReturned('b', '<a> 0'));
    assert.ok(guard.isReturned('b', '<a> 1'));
  });
});

function fold(): { clock: FakeClock; presence: PresenceFold; told: string[] } {
  const clock = new FakeClock();
  const told: string[] = [];
  return { clock, told, presence: new PresenceFold(60_000, clock, (line) => void told.push(line)) };
}

suite('presence', () => {
  test('joins and leaves are told in one line, and those that cancel out are not', async () => {
    const { clock, presence, told } = fold();
    presence.joined('a');
    presence.joined('b');
    presence.left('c', false);
    presence.joined('short');
    presence.left('short', false);
    presence.left('blink', false);
    presence.joined('blink');
    presence.renamed('d', 'e');
    presence.renamed('e', 'f');
    await clock.advance(59);
    assert.deepEqual(told, []);
    await clock.advance(1);
    assert.deepEqual(told, ['joined: a, b; left: c; renamed: d to f']);
    presence.joined('z');
    presence.left('z', false);
    await clock.advance(60);
    assert.equal(told.length, 1);
  });

  test('a netsplit of a thousand and its end are two lines without names', async () => {
    const { clock, presence, told } = fold();
    for (let index = 0; index < 1000; index++) presence.left(`user${index}`, true);
    await clock.advance(600);
    for (let index = 0; index < 1000; index++) presence.joined(`user${index}`);
    await clock.advance(60);
    assert.deepEqual(told, ['1000 lost in a netsplit', '1000 back after a netsplit']);
  });

  test('many names are counted', async () => {
    const { clock, presence, told } = fold();
    for (let index = 0; index < 50; index++) presence.joined(`u${index}`);
    await clock.advance(60);
    assert.deepEqual(told, ['joined: u0, u1, u2, u3, u4, u5, u6, u7, u8, u9 and 40 more']);
  });

  test('who quits leaves each channel that they were in', () => {
    const events: string[] = [];
    const members = new Members(
      {
        joined: (place, name) => void events.push(`${name} joined ${place}`),
        left: (place, name, isSplit) => void events.push(`${name} left ${place} ${isSplit}`),
        renamed: (place, from, to) => void events.push(`${from} is ${to} in ${place}`),
      },
      (name) => name.toLowerCase(),
    );
    members.replace('#a', ['Bob']);
    members.join('#a', 'bob');
    members.join('#b', 'BOB');
    members.rename('bob', 'rob');
    members.quit('rob', true);
    members.quit('rob');
    assert.deepEqual(events, [
      'BOB joined #b',
      'bob is rob in #a',
      'bob is rob in #b',
      'rob left #a true',
      'rob left #b true',
    ]);
    assert.deepEqual(members.of('#a'), []);
  });
});

test('the bucket lets a burst pass, and then so many lines a second', () => {
  let now = 0;
  const bucket = new TokenBucket(5, 2, () => now);
  assert.equal(bucket.take(5), 0);
  assert.equal(bucket.take(2), 1000);
  assert.equal(bucket.take(1), 1500);
  now = 1500;
  assert.equal(bucket.take(1), 500);
  now = 1_000_000;
  assert.equal(bucket.take(5), 0);
  assert.equal(bucket.take(1), 500);
});

const LINK = '[[links]]\nplace = "#ops"\nchannel = "#ops"\n';

suite('quietroom bot irc', () => {
  const wrong: readonly [toml: string, stderr: RegExp][] = [
    ['', /irc\.toml: irc: /],
    ['[irc]\nhost = "h"\n', /irc\.toml: links: /],
    [`[irc]\nhost = "h"\nnick = "a b"\n${LINK}`, /irc\.nick: must be a nick/],
    [`[irc]\nhost = "h"\ntls_fingerprint = "AB:CD"\n${LINK}`, /irc\.tls_fingerprint: must be a SHA-256/],
    [`[irc]\nhost = "h"\ntls = false\nserver_password_env = "P"\n${LINK}`, /irc\.tls: must be true/],
    [`[irc]\nhost = "h"\nsasl_account = "a"\n${LINK}`, /irc\.sasl_account: give sasl_account with/],
    [
      `[irc]\nhost = "h"\nserver_password_env = "BLANKS"\n${LINK}`,
      /irc\.server_password must have no blanks/,
    ],
    [
      `[irc]\nhost = "h"\nsasl_account = "a"\nsasl_password_env = "SURELY_NOT_SET"\n${LINK}`,
      /SURELY_NOT_SET is not set/,
    ],
    [
      `[irc]\nhost = "h"\n${LINK}${LINK.replace('place = "#ops"', 'place = "#dev"')}`,
      /two links have the same channel/,
    ],
    [
      `[irc]\nhost = "h"\n${LINK}${LINK.replace('channel = "#ops"', 'channel = "#dev"')}`,
      /two links have the same place/,
    ],
    [
      `[irc]\nhost = "h"\n${LINK.replace('channel = "#ops"', 'channel = "#a,#b"')}`,
      /links\.0\.channel: must be a channel/,
    ],
    [`[irc]\nhost = "h"\nburst = 1\n${LINK}`, /irc\.burst: /],
  ];
  for (const [toml, stderr] of wrong) {
    test(`rejects ${JSON.stringify(toml)}`, async () => {
      await using folder = await Folder.make();
      await folder.write('irc.toml', toml);
      const outcome = await runHere(['bot', 'irc'], { cwd: folder.path, env: { BLANKS: 'a b' } });
      assert.equal(outcome.code, 2);
      assert.match(outcome.stderr, stderr);
    });
  }

  test('--init writes settings that are valid as they are', async () => {
    await using folder = await Folder.make();
    const options = { cwd: folder.path };
    assert.equal((await runHere(['bot', 'irc', '--init'], options)).code, 0);
    // It comes as far as the certificate, which is missing.
    assert.match(
      (await runHere(['bot', 'irc'], options)).stderr,
      /certificate file "chat_public\.pem" does not exist/,
    );
  });
});

suite('the outcome of messages sent one after another', () => {
  const accepted = { status: 'accepted' } as const;
  const refused = { status: 'refused', reason: 'no', acceptedParts: 0 } as const;
  const unconfirmed = { status: 'unconfirmed', reason: 'lost' } as const;
  const outcome = (...deliveries: (typeof accepted | typeof refused | typeof unconfirmed)[]) =>
    combined(deliveries.map((delivery) => Promise.resolve(delivery)));

  test('a refusal counts the others as arrived, also those without an answer', async () => {
    assert.deepEqual(await outcome(refused), refused);
    assert.deepEqual(await outcome(accepted, refused, unconfirmed), { ...refused, acceptedParts: 2 });
    assert.deepEqual(await outcome(unconfirmed, refused), { ...refused, acceptedParts: 1 });
  });

  test('without a refusal, one without an answer is the outcome', async () => {
    assert.deepEqual(await outcome(accepted, unconfirmed), unconfirmed);
    assert.deepEqual(await outcome(accepted, accepted), accepted);
  });

  test('it rejects when nothing has left, and is not known when a part has not', async () => {
    await assert.rejects(
      combined([Promise.reject(new Error('closed')), Promise.reject(new Error('closed'))]),
      /closed/,
    );
    const { status } = await combined([Promise.resolve(accepted), Promise.reject(new Error('closed'))]);
    assert.equal(status, 'unconfirmed');
  });
});
