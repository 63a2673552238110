import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressGroup, plainAddress } from '#src/addresses/addressGroup.js';

for (const [address, group] of [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
] as const) {
  test(`${address} counts as ${group}`, () => assert.equal(addressGroup(address), group));
}

test('The address of an IPv4 client is written as such, also when it came by an IPv6 socket', () => {
  assert.equal(plainAddress('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(plainAddress('2001:db8::1'), '2001:db8::1');
});
