import { createCipheriv } from 'node:crypto';
import { median, quantile } from './figure.js';

const SLICES = 40;
const SEALS_PER_SLICE = 2000;

/** More than this is too much for a verdict. */
const MAX_SPREAD = 0.15;
const MAX_WAITING = 0.05;

/** How steadily this machine does the same work. */
export interface Noise {
  /** How much the CPU time of equal work varies: from the 10th to the 90th percentile, as a part of the median. */
  readonly spread: number;
  /** The part of the wall time in which this process did not run although it had work. */
  readonly waiting: number;
}

/** Does the same work again and again, for about a second. */
export function measureNoise(): Noise {
  const cpuTimes: number[] = [];
  let cpu = 0;
  let wall = 0;
  for (let slice = -SLICES / 4; slice < SLICES; slice++) {
    const cpuBefore = process.cpuUsage();
    const wallBefore = performance.now();
    work();
    const { user, system } = process.cpuUsage(cpuBefore);
    // The first slices warm the compiler up.
    if (slice < 0) continue;
    wall += (performance.now() - wallBefore) * 1000;
    cpu += user + system;
    cpuTimes.push(user + system);
  }
  return {
    spread: (quantile(cpuTimes, 0.9) - quantile(cpuTimes, 0.1)) / median(cpuTimes),
    waiting: Math.max(0, 1 - cpu / wall),
  };
}

export function isBusy({ spread, waiting }: Noise): boolean {
  return spread > MAX_SPREAD || waiting > MAX_WAITING;
}

export function noiseText({ spread, waiting }: Noise): string {
  return `equal work varies by ${percent(spread)}, waits for the CPU ${percent(waiting)} of the time`;
}

function percent(part: number): string {
  return `${(part * 100).toFixed(0)} %`;
}

function work(): void {
  const key = Buffer.alloc(32);
  const nonce = Buffer.alloc(12);
  const text = Buffer.alloc(100);
  for (let seal = 0; seal < SEALS_PER_SLICE; seal++) {
    nonce.writeUInt32BE(seal);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.update(text);
    cipher.final();
  }
}
