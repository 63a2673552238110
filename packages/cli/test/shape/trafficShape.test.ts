import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeenRecord } from '#src/shape/recordTap.js';
import { shapePicture } from '#src/shape/shapePicture.js';
import { shapeLines } from '#src/shape/shapeCommand.js';
import { trafficShape } from '#src/shape/trafficShape.js';

/** Records of 529 bytes at these seconds. */
function records(direction: SeenRecord['direction'], seconds: readonly number[], bytes = 529): SeenRecord[] {
  return seconds.map((at) => ({ at: at * 1000, direction, bytes }));
}

const CLOCK = Array.from({ length: 60 }, (_, index) => index + 0.3);

test('Records of one size on a clock are steady, with a missed tick and a late one', () => {
  const late = CLOCK.filter((_, index) => index !== 20).map((at, index) => (index === 5 ? at + 0.1 : at));
  const { up, down, verdict } = trafficShape([...records('up', late), ...records('down', CLOCK)], 60);
  assert.deepEqual([up.verdict, down.verdict, verdict], ['steady', 'steady', 'steady']);
  assert.equal(up.records, 59);
  assert.equal(up.interval, 1);
  assert.deepEqual(up.sizes, [{ bytes: 529, records: 59 }]);
});

test('A record off the clock, or of another size, is told of', () => {
  const off = [...CLOCK, 10.7, 12.6, 30.8].sort((a, b) => a - b);
  const { up } = trafficShape(records('up', off), 60);
  assert.equal(up.verdict, 'varying');
  assert.match(up.says, /off the clock/);
  const sizes = trafficShape([...records('up', CLOCK.slice(1)), ...records('up', [0.3], 1041)], 60).up;
  assert.equal(sizes.verdict, 'varying');
  assert.match(sizes.says, /2 sizes/);
});

test('Few records are silence, in which each one shows', () => {
  const { up, down, verdict } = trafficShape(records('up', CLOCK), 60);
  assert.deepEqual([up.verdict, down.verdict, verdict], ['steady', 'silent', 'silent']);
  assert.equal(down.interval, null);
  assert.match(shapeLines(trafficShape([], 60)).join('\n'), /received: 0 records/);
});

test('The picture has a bar for each record, in the lane of its direction', () => {
  const svg = shapePicture(
    [{ title: 'a <b> & c', records: [...records('up', [1, 2, 3]), ...records('down', [4])] }],
    10,
  );
  assert.match(svg, /^<svg /);
  assert.match(svg, /a &lt;b> &amp; c/);
  const bars = [...svg.matchAll(/<path d="([^"]*)" stroke="#(?:1565c0|c05a00)"/g)].map(
    ([, path = '']) => path.split('M').length - 1,
  );
  assert.deepEqual(bars, [3, 1]);
});
