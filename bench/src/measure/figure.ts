/** One measured quantity, with its value in each run. */
export interface Figure {
  readonly section: string;
  readonly name: string;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  readonly values: readonly number[];
  /** The largest ratio to the floor that is acceptable; absent: any. */
  readonly maxRatio?: number;
  /** The cost of the same work without QuietRoom, measured in the same runs. */
  readonly floors?: readonly number[];
}

/** The value below which this part of the numbers lies. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** The numbers to compare: ratios to the floor, which do not depend on the machine's speed, or the values. */
export function comparable({ values, floors }: Figure): number[] {
  return values.map((value, run) => value / (floors?.[run] ?? 1));
}

/** How far apart the runs are, as a part of their median. */
export function spread(figure: Figure): number {
  const numbers = comparable(figure);
  return (Math.max(...numbers) - Math.min(...numbers)) / median(numbers);
}
