export const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
export const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

/** Of sorted numbers. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function median(numbers: readonly number[]): number {
  return quantile(
    [...numbers].sort((a, b) => a - b),
    0.5,
  );
}

export function latency(sorted: readonly number[]): string {
  const [middle, high, highest] = [0.5, 0.99, 1].map((part) => quantile(sorted, part).toFixed(1));
  return `median ${middle} ms, p99 ${high} ms, longest ${highest} ms`;
}

export function line(what: string, figure: string): void {
  console.log(`  ${what.padEnd(58)} ${figure}`);
}
