import assert from 'node:assert/strict';
import test, { suite } from 'node:test';
import { prometheusText, type MetricFamily } from '#src/serve/prometheusText.js';

suite('prometheusText', () => {
  const ROWS: readonly { readonly name: string; readonly family: MetricFamily; readonly text: string }[] = [
    {
      name: 'a counter',
      family: { name: 'x_total', type: 'counter', help: 'All x.', samples: [{ value: 3 }] },
      text: '# HELP x_total All x.\n# TYPE x_total counter\nx_total 3\n',
    },
    {
      name: 'a gauge that is no whole number',
      family: { name: 'x', type: 'gauge', help: 'x', samples: [{ value: 0.25 }] },
      text: '# HELP x x\n# TYPE x gauge\nx 0.25\n',
    },
    {
      name: 'values without an end',
      family: {
        name: 'x',
        type: 'gauge',
        help: 'x',
        samples: [{ value: Infinity }, { value: -Infinity }, { value: NaN }, { value: 1e21 }],
      },
      text: '# HELP x x\n# TYPE x gauge\nx +Inf\nx -Inf\nx NaN\nx 1e+21\n',
    },
    {
      name: 'a histogram',
      family: {
        name: 'x',
        type: 'histogram',
        help: 'x',
        samples: [
          { suffix: '_bucket', labels: { le: '0.1' }, value: 1 },
          { suffix: '_bucket', labels: { le: '+Inf' }, value: 2 },
          { suffix: '_sum', value: 1.5 },
          { suffix: '_count', value: 2 },
        ],
      },
      text: '# HELP x x\n# TYPE x histogram\nx_bucket{le="0.1"} 1\nx_bucket{le="+Inf"} 2\nx_sum 1.5\nx_count 2\n',
    },
    {
      name: 'what has to be escaped in a help',
      family: { name: 'x', type: 'gauge', help: 'a\\b\nc "d"', samples: [] },
      text: '# HELP x a\\\\b\\nc "d"\n# TYPE x gauge\n',
    },
    {
      name: 'what has to be escaped in a label',
      family: {
        name: 'x',
        type: 'gauge',
        help: 'x',
        samples: [{ labels: { a: 'b\\c\n"d"', e: '' }, value: 1 }],
      },
      text: '# HELP x x\n# TYPE x gauge\nx{a="b\\\\c\\n\\"d\\"",e=""} 1\n',
    },
  ];
  for (const { name, family, text } of ROWS) {
    test(`writes ${name}`, () => assert.equal(prometheusText([family]), text));
  }

  test('writes one family after the other', () => {
    const [first, second] = ROWS;
    assert.ok(first && second);
    assert.equal(prometheusText([first.family, second.family]), first.text + second.text);
  });
});
