// Draws docs/images/performance.svg and writes the tables of docs/performance.md from a report of the benchmark:
//   npm run bench -- --json report.json && node bench/dist/page/plot.js report.json

import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { comparable, median, type Figure } from '../measure/figure.js';
import { isBusy, noiseText } from '../measure/noise.js';
import { readReport } from '../measure/report.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('Usage: node bench/dist/page/plot.js REPORT.json');

const WIDTH = 760;
const PANEL_HEIGHT = 230;
const LEFT = 60;
const BOTTOM = 52;
const TOP = 34;
const COLOURS = ['#2f6fab', '#b9c3cd'];

/** A name, and a value for each label of the panel. */
type Series = readonly [name: string, values: readonly number[]];

const report = readReport(path);
const page = new URL('../../../docs/performance.md', import.meta.url);
const picture = new URL('../../../docs/images/performance.svg', import.meta.url);

writeFileSync(picture, svg());
const filled = readFileSync(page, 'utf8').replace(
  /(<!-- figures -->\n)[^]*(<!-- end of figures -->)/,
  (_, start: string, end: string) => `${start}\n${tables()}\n\n${end}`,
);
writeFileSync(page, await format(filled, { ...(await resolveConfig(page)), filepath: page.pathname }));

function figuresOf(section: string): Figure[] {
  return report.figures.filter((figure) => figure.section === section);
}

function tables(): string {
  const busy = report.noise.some(isBusy)
    ? ' It was busy: compare the ratios, and draw no conclusions from small differences.'
    : '';
  const about = `Node ${report.node}. The machine: ${report.noise.map(noiseText).join('; at the end ')}.${busy}`;
  const sections = [...new Set(report.figures.map(({ section }) => section))].map((section) => {
    const rows = figuresOf(section).map((figure) => {
      const floor = figure.floors ? `${round(median(figure.floors))} ${figure.unit}` : '';
      const ratio = figure.floors ? median(comparable(figure)).toFixed(2) : '';
      return `| ${figure.name} | ${round(median(figure.values))} ${figure.unit} | ${floor} | ${ratio} |`;
    });
    return `### ${section}\n\n| | median | floor | ratio |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
  });
  return [about, ...sections].join('\n\n');
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function svg(): string {
  const panels = [messagesPanel, deliveriesPanel, latencyPanel].map(
    (panel, index) => `<g transform="translate(0 ${index * PANEL_HEIGHT})">${panel()}</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${panels.length * PANEL_HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${panels.join('\n')}
</svg>
`;
}

function messagesPanel(): string {
  const figures = figuresOf('messages').filter(({ unit, floors }) => unit === 'µs' && floors !== undefined);
  return bars(
    'CPU time per message, connector (µs)',
    figures.map(({ name }) => name),
    [
      ['connector', figures.map(({ values }) => median(values))],
      ['floor: TLS and AES-GCM alone', figures.map(({ floors = [] }) => median(floors))],
    ],
  );
}

function deliveriesPanel(): string {
  const bursts = figuresOf('deliveries').filter(({ floors }) => floors !== undefined);
  return bars(
    'CPU time per delivery, server (µs)',
    bursts.map(({ name }) => /\d+ clients/.exec(name)?.[0] ?? name),
    [
      ['server', bursts.map(({ values }) => median(values))],
      ['floor: TLS and AES-GCM alone', bursts.map(({ floors = [] }) => median(floors))],
    ],
  );
}

function latencies(label: string): Figure[] {
  return figuresOf('latency').filter(({ name }) => name.startsWith(label));
}

function latencyPanel(): string {
  return bars(
    'Latency under load (ms)',
    latencies('p50').map(({ name }) => name.replace('p50, ', '')),
    [
      ['p50', latencies('p50').map(({ values }) => median(values))],
      ['p99', latencies('p99').map(({ values }) => median(values))],
    ],
  );
}

/** A panel of grouped bars; each series has a value for each label. */
function bars(title: string, labels: readonly string[], series: readonly Series[]): string {
  const highest = Math.max(1, ...series.flatMap(([, values]) => values)) * 1.15;
  const height = PANEL_HEIGHT - TOP - BOTTOM;
  const yOf = (value: number): number => TOP + height * (1 - value / highest);
  const groupWidth = (WIDTH - LEFT - 20) / Math.max(1, labels.length);
  const barWidth = Math.min(40, (groupWidth * 0.7) / series.length);
  const parts = [`<text x="${LEFT}" y="18" font-weight="bold">${escape(title)}</text>`];
  for (const [index, [name]] of series.entries()) {
    const x = WIDTH - 20 - 210 * (series.length - index);
    parts.push(
      `<rect x="${x}" y="9" width="10" height="10" fill="${COLOURS[index]}"/><text x="${x + 15}" y="18">${escape(name)}</text>`,
    );
  }
  parts.push(`<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${yOf(0)}" y2="${yOf(0)}" stroke="#444"/>`);
  for (const [group, label] of labels.entries()) {
    const middle = LEFT + groupWidth * (group + 0.5);
    for (const [index, [, values]] of series.entries()) {
      const value = values[group] ?? 0;
      const x = middle + (index - series.length / 2) * barWidth;
      parts.push(
        `<rect x="${x.toFixed(1)}" y="${yOf(value).toFixed(1)}" width="${(barWidth - 3).toFixed(1)}" height="${(yOf(0) - yOf(value)).toFixed(1)}" fill="${COLOURS[index]}"/>`,
        `<text x="${(x + barWidth / 2).toFixed(1)}" y="${(yOf(value) - 4).toFixed(1)}" text-anchor="middle" font-size="10">${round(value)}</text>`,
      );
    }
    for (const [line, words] of wrap(label).entries()) {
      parts.push(
        `<text x="${middle.toFixed(1)}" y="${yOf(0) + 16 + 13 * line}" text-anchor="middle" font-size="11">${escape(words)}</text>`,
      );
    }
  }
  return parts.join('\n');
}

/** Breaks a label at its commas. */
function wrap(label: string): string[] {
  return label.split(/, /);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
