import assert from 'node:assert/strict';
import test from 'node:test';
import { requirePassphrase, requireTotp, type Bot } from '@quietroom/bot';
import { FakeClock } from '@quietroom/bot/testing';
import { Secret, TOTP } from 'otpauth';
import { botOn, chatFor, reconnect } from '../bot/botTest.js';

const PASSPHRASE = 'correct horse battery';
const SECRET = 'JBSWY3DPEHPK3PXP';

function restarting(use: ReturnType<typeof requirePassphrase>): (bot: Bot) => Bot {
  return (bot) => bot.command('restart', { use }, (ctx) => ctx.reply('Restarting.'));
}

test('the passphrase is asked for once per presence, in direct messages only', async (t) => {
  const chat = await chatFor(t);
  await botOn(chat, { rooms: ['#ops'] }, restarting(requirePassphrase(PASSPHRASE)));
  const alice = await chat.join('alice', '#ops');
  await alice.say('#ops', '!restart');
  assert.equal((await alice.hears(/./)).text, 'Send me this as a direct message.');
  assert.equal(await alice.ask('Bot', '!restart'), 'Passphrase?');
  assert.equal(await alice.ask('Bot', 'wrong'), 'That is not the passphrase.');
  assert.equal(await alice.ask('Bot', '!restart'), 'Passphrase?');
  assert.equal(await alice.ask('Bot', ` ${PASSPHRASE} `), 'Restarting.');
  assert.equal(await alice.ask('Bot', '!restart'), 'Restarting.');
  await alice.say('#ops', '!restart');
  assert.equal((await alice.hears(/./)).text, 'Restarting.');
  await alice.leave();
  const other = await chat.join('alice');
  assert.equal(await other.ask('Bot', '!restart'), 'Passphrase?');
});

test('an authorisation ends with the connection and with time', async (t) => {
  const chat = await chatFor(t);
  const clock = new FakeClock();
  const { date } = clock;
  const bot = await botOn(
    chat,
    { clock },
    restarting(requirePassphrase(PASSPHRASE, { validFor: 600, date })),
  );
  const alice = await chat.join('alice');
  await alice.ask('Bot', '!restart');
  assert.equal(await alice.ask('Bot', PASSPHRASE), 'Restarting.');
  await clock.advance(600);
  assert.equal(await alice.ask('Bot', '!restart'), 'Passphrase?');
  assert.equal(await alice.ask('Bot', PASSPHRASE), 'Restarting.');
  await reconnect(chat, bot, clock);
  assert.equal(await alice.ask('Bot', '!restart'), 'Passphrase?');
});

test('tries are limited for each presence and for all together', async (t) => {
  const chat = await chatFor(t);
  const clock = new FakeClock();
  const limits = { tries: 2, triesForAll: 3, lockout: 60, date: clock.date };
  await botOn(chat, { clock }, restarting(requirePassphrase(PASSPHRASE, limits)));
  const [alice, bob] = [await chat.join('alice'), await chat.join('bob')];
  const locked = 'Too many wrong answers. Try again later.';
  for (const user of [alice, alice, bob]) {
    assert.equal(await user.ask('Bot', '!restart'), 'Passphrase?');
    await user.ask('Bot', 'wrong');
  }
  assert.equal(await alice.ask('Bot', '!restart'), locked);
  assert.equal(await bob.ask('Bot', '!restart'), locked);
  await clock.advance(60);
  assert.equal(await alice.ask('Bot', '!restart'), locked);
  assert.equal(await bob.ask('Bot', '!restart'), 'Passphrase?');
  assert.equal(await bob.ask('Bot', PASSPHRASE), 'Restarting.');
});

test('a one-time code is taken once, by one person', async (t) => {
  const chat = await chatFor(t);
  const { date } = new FakeClock(new Date(59_000));
  await botOn(chat, {}, restarting(requireTotp(SECRET, { date })));
  const code = TOTP.generate({ secret: Secret.fromBase32(SECRET), timestamp: 59_000 });
  const [alice, bob] = [await chat.join('alice'), await chat.join('bob')];
  assert.equal(await alice.ask('Bot', '!restart'), 'One-time code?');
  assert.equal(await bob.ask('Bot', '!restart'), 'One-time code?');
  assert.equal(await alice.ask('Bot', `${code.slice(0, 3)} ${code.slice(3)}`), 'Restarting.');
  assert.match(await bob.ask('Bot', code), /has been used/);
});

test('weak secrets are rejected', () => {
  assert.throws(() => requirePassphrase('short'), /at least 12/);
  assert.throws(() => requireTotp('not base32!'), /base32/);
  assert.throws(() => requirePassphrase(PASSPHRASE, { tries: 0 }), /tries/);
});
