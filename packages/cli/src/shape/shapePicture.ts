import type { SeenRecord } from './recordTap.js';

/** The records of one connection, with a title. */
export interface Panel {
  readonly title: string;
  readonly records: readonly SeenRecord[];
}

const WIDTH = 900;
const LEFT = 60;
const RIGHT = 20;
const LANE = 56;
const PANEL = 2 * LANE + 52;
const TOP = 16;
const AXIS = 30;

/** The tallest bar; records longer than this many bytes are as tall. */
const TALLEST = 44;
const MOST_BYTES = 600;

const COLOURS = { up: '#1565c0', down: '#c05a00' } as const;
const LABELS = { up: 'sent', down: 'received' } as const;

/** Records over time as an SVG picture: a bar for each, as tall as its record is long, one lane for each direction. */
export function shapePicture(panels: readonly Panel[], seconds: number): string {
  const height = TOP + panels.length * PANEL + AXIS;
  const parts = panels.map((panel, index) => drawPanel(panel, TOP + index * PANEL, seconds));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    axis(TOP + panels.length * PANEL, seconds),
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, records }: Panel, top: number, seconds: number): string {
  const lanes = (['up', 'down'] as const).map((direction, index) => {
    const base = top + 28 + (index + 1) * LANE;
    const bars = records
      .filter((record) => record.direction === direction)
      .map(({ at, bytes }) => {
        const x = xOf(at / 1000, seconds);
        const tall = Math.max(2, (Math.min(bytes, MOST_BYTES) / MOST_BYTES) * TALLEST);
        return `M${x.toFixed(1)} ${base}v${(-tall).toFixed(1)}`;
      });
    return [
      `<text x="${LEFT - 6}" y="${base - 4}" text-anchor="end" fill="${COLOURS[direction]}">${LABELS[direction]}</text>`,
      `<path d="M${LEFT} ${base}H${WIDTH - RIGHT}" stroke="#bbbbbb"/>`,
      `<path d="${bars.join('')}" stroke="${COLOURS[direction]}" stroke-width="1.6" fill="none"/>`,
    ].join('\n');
  });
  return [
    `<text x="${LEFT}" y="${top + 16}" font-weight="bold" fill="#222222">${escape(title)}</text>`,
    ...lanes,
  ].join('\n');
}

function axis(top: number, seconds: number): string {
  const step = [1, 2, 5, 10, 20, 30, 60, 300, 600].find((one) => seconds / one <= 13) ?? 3600;
  const marks: string[] = [];
  for (let at = 0; at <= seconds; at += step) {
    marks.push(
      `<text x="${xOf(at, seconds).toFixed(1)}" y="${top + 16}" text-anchor="middle" fill="#555555">${at} s</text>`,
    );
  }
  return marks.join('\n');
}

function xOf(at: number, seconds: number): number {
  return LEFT + (at / seconds) * (WIDTH - LEFT - RIGHT);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
