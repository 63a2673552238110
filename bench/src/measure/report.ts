import { readFileSync } from 'node:fs';
import { comparable, median, spread, type Figure } from './figure.js';
import type { Noise } from './noise.js';

/** The result of one benchmark call; written and read as JSON. */
export interface Report {
  readonly version: 1;
  readonly node: string;
  /** Before and after the measurements. */
  readonly noise: readonly Noise[];
  readonly figures: readonly Figure[];
}

/** Changes below this are not told apart from chance, however close the runs are. */
const LEAST_CHANGE = 0.05;

export interface Change {
  readonly figure: Figure;
  /** How many times the cost of before: above 1 is worse. */
  readonly factor: number;
  readonly verdict: 'slower' | 'faster' | 'same';
}

/** @throws Error when the file is not a report of this benchmark */
export function readReport(path: string): Report {
  const report: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof report === 'object' && report !== null && 'version' in report && report.version === 1) {
    // The version tells that this benchmark wrote it.
    return report as Report;
  }
  throw new Error(`${path} is not a report of this benchmark. Make one with --json FILE.`);
}

/** Compares the figures that both reports have. A change counts when it is larger than what the runs differ by. */
export function compareReports(before: Report, after: Report): Change[] {
  return after.figures.flatMap((figure) => {
    const old = before.figures.find(
      ({ section, name }) => section === figure.section && name === figure.name,
    );
    if (!old) return [];
    const change = median(comparable(figure)) / median(comparable(old));
    const factor = figure.better === 'lower' ? change : 1 / change;
    const noise = Math.max(LEAST_CHANGE, spread(old), spread(figure));
    const verdict = factor > 1 + noise ? 'slower' : factor < 1 / (1 + noise) ? 'faster' : 'same';
    return [{ figure, factor, verdict }];
  });
}

export function figureLine(figure: Figure): string {
  const value = `${format(median(figure.values))} ${figure.unit}`.padStart(14);
  const floor = figure.floors
    ? `${format(median(figure.floors))} ${figure.unit}`.padStart(14)
    : ''.padStart(14);
  const ratio = figure.floors ? median(comparable(figure)).toFixed(2).padStart(8) : ''.padStart(8);
  const range = `±${((spread(figure) / 2) * 100).toFixed(0)} %`.padStart(8);
  return `  ${figure.name.padEnd(52)}${value}${floor}${ratio}${range}`;
}

export const FIGURE_HEADING = `  ${''.padEnd(52)}${'median'.padStart(14)}${'floor'.padStart(14)}${'ratio'.padStart(8)}${'runs'.padStart(8)}`;

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
